// The crawl of Crawlee: follows every link of a site, keeps title and text of each page in SQLite, 250 a transaction.
// usage: node crawl.mjs <start page> <database file>; prints one line of JSON.
import { CheerioCrawler, Configuration, log } from "@crawlee/cheerio";
import Database from "better-sqlite3";

const [start, file] = process.argv.slice(2);
log.setLevel(log.LEVELS.WARNING);

const db = new Database(file);
db.pragma("journal_mode = WAL");
db.pragma("synchronous = FULL");
db.exec("CREATE TABLE docs (id INTEGER PRIMARY KEY, url TEXT NOT NULL UNIQUE, title TEXT, text TEXT)");
const insert = db.prepare("INSERT OR IGNORE INTO docs (url, title, text) VALUES (?, ?, ?)");
const store = db.transaction((rows) => rows.forEach((row) => insert.run(...row)));

let pages = 0;
let rows = [];
const crawler = new CheerioCrawler(
  {
    minConcurrency: 16,
    maxConcurrency: 16,
    maxRequestRetries: 1,
    async requestHandler({ request, $, enqueueLinks }) {
      pages++;
      rows.push([request.loadedUrl, $("title").text(), $("body").text()]);
      if (rows.length >= 250) {
        store(rows);
        rows = [];
      }
      await enqueueLinks({ strategy: "same-origin" });
    },
  },
  // All in memory: what its queue does on disk is not what is compared.
  new Configuration({ persistStorage: false, purgeOnStart: true }),
);

const begun = performance.now();
await crawler.run([start]);
store(rows);
const seconds = (performance.now() - begun) / 1000;
db.close();
const usage = process.resourceUsage();
const processor_seconds = (usage.userCPUTime + usage.systemCPUTime) / 1e6;
console.log(JSON.stringify({ pages, seconds, processor_seconds, peak_kib: usage.maxRSS }));
process.exit(0);
