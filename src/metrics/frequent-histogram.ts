// State: a histogram without labels that is told of a value per served item or per decision: thousands a second, so each may cost only nanoseconds.
import {
  Histogram,
  type HistogramConfiguration,
  type MetricObjectWithValues,
  type MetricValueWithName,
} from 'prom-client';

type Export = MetricObjectWithValues<MetricValueWithName<string>>;

/** Exposed as prom-client's own. */
export class FrequentHistogram extends Histogram {
  /** An empty one: what is exposed besides the values. */
  readonly #frame: Histogram;
  readonly #bounds: readonly number[];
  /** One for each bound, and one for what is beyond the last. */
  readonly #counts: number[];
  #sum = 0;
  #lastAt = 0;

  constructor(configuration: HistogramConfiguration<string> & { readonly buckets: number[] }) {
    super(configuration);
    this.#frame = new Histogram({ ...configuration, registers: [] });
    this.#bounds = configuration.buckets;
    this.#counts = [...this.#bounds, Number.POSITIVE_INFINITY].map(() => 0);
  }

  record(value: number): void {
    const bounds = this.#bounds;
    // From where the last value fell: the samples of a list are about as old as each other.
    let at = this.#lastAt;
    while (at > 0 && value <= (bounds[at - 1] ?? 0)) at--;
    while (at < bounds.length && value > (bounds[at] ?? 0)) at++;
    this.#lastAt = at;
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    this.#sum += value;
  }

  override async get(): Promise<Export> {
    const frame = await this.#frame.get();
    let count = 0;
    const buckets = this.#counts.map((counted, at): MetricValueWithName<string> => {
      count += counted;
      return { metricName: `${frame.name}_bucket`, labels: { le: this.#bounds[at] ?? '+Inf' }, value: count };
    });
    const sums = [
      { metricName: `${frame.name}_sum`, labels: {}, value: this.#sum },
      { metricName: `${frame.name}_count`, labels: {}, value: count },
    ];
    return { ...frame, values: [...buckets, ...sums] };
  }

  /** What prom-client's registry asks for instead of `get` where there is one, as there is in its own. */
  getForPromString(): Promise<Export> {
    return this.get();
  }
}
