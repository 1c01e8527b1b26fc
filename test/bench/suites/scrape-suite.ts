import { goals } from '../goals.js';
import type { Suite } from '../scenario.js';
import { scrapes } from '../scrapes.js';
import { shown } from './figures.js';

/** What Prometheus costs a broker with many connections. */
export const scrapeSuite: Suite = {
  name: 'scrape',
  title: 'metrics scraped every 500 ms, in memory, beside 5,000 msg/s at QoS 0',
  subject: 'surety',
  peers: ['surety'],
  scenarios: [
    {
      name: 'scrape-20k',
      title: 'beside 20,000 idle connections with a subscription each, or as many as files may be open',
      load: { layout: 'pair', pubs: 20, qos: 0, rate: 5000, pace: 'burst', size: 100, warmup: 5, secs: 20 },
      figures: [
        shown('clients', 'clients', 0),
        shown('scrapes', 'scrapes', 0),
        shown('scrape_kb', 'kB', 0),
        { ...shown('scrape_cpu_ms', 'CPU ms a scrape', 2), isCompared: true },
        shown('scrape_p50_ms', 'scrape p50 ms', 1),
        { ...shown('scrape_max_ms', 'scrape max ms', 1), isCompared: true },
        shown('quiet_p999_ms', 'p99.9 ms without', 3),
        shown('scraped_p999_ms', 'p99.9 ms with scrapes', 3),
        { ...shown('added_ms', 'added ms', 3), isCompared: true },
      ],
      procedures: { surety: scrapes },
    },
  ],
  minimums: goals.scrape,
  isPinned: true,
  rounds: 3,
  measureSeconds: 20,
};
