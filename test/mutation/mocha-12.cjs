// Preload of `npm run mutate`: Stryker's mocha runner asks for files of mocha without naming their ending, which mocha 12 made .cjs.
require.extensions['.cjs'] ??= require.extensions['.js'];
