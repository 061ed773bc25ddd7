# The image: Node, the production packages, and src without its types. Nothing else is done to it: lines are those of the source.
# The final stage needs glibc, libstdc++ and libgcc only, so a distroless "cc" image serves as BASE_IMAGE as well.
ARG BUILD_IMAGE=node:22-bookworm-slim
ARG BASE_IMAGE=debian:12-slim

# The Node that package-lock.json pins (npm package "node"), and the one library of it that slim images lack.
FROM ${BUILD_IMAGE} AS runtime
RUN apt-get update \
 && apt-get install --yes --no-install-recommends libatomic1 \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund \
 && npm rebuild node \
 && mkdir --parents /runtime/bin /runtime/lib \
 && cp --dereference node_modules/node/bin/node /runtime/bin/node \
 && cp --dereference /usr/lib/*-linux-gnu/libatomic.so.1 /runtime/lib/ \
 && LD_LIBRARY_PATH=/runtime/lib /runtime/bin/node --version
# A process that strips types itself keeps 30 MB that it did that with (docs/adr/0001).
COPY scripts/strip-types.ts scripts/
COPY src src
RUN LD_LIBRARY_PATH=/runtime/lib /runtime/bin/node scripts/strip-types.ts /program/src

FROM ${BUILD_IMAGE} AS packages
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM ${BASE_IMAGE}
WORKDIR /app
COPY --from=runtime /runtime /app
COPY --from=packages /build/node_modules /app/node_modules
COPY package.json LICENSE /app/
COPY --from=runtime /program/src /app/src
ENV NODE_ENV=production LD_LIBRARY_PATH=/app/lib
# The numeric form lets Kubernetes see that it is not root.
USER 65532:65532
EXPOSE 10250
# The flag: see bin/headroom.
ENTRYPOINT ["/app/bin/node", "--max-semi-space-size=8", "/app/src/main.js"]
