// Sends requests through Bottleneck at a rate for some seconds: node limiter.mjs ADDRESS RATE SECONDS
import Bottleneck from "bottleneck";
import http from "node:http";

const [address, rate, seconds] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
const limiter = new Bottleneck({
  reservoir: rate,
  reservoirRefreshAmount: rate,
  reservoirRefreshInterval: 1000,
});
const end = Date.now() + seconds * 1000;
const send = () =>
  new Promise((resolve, reject) => {
    http.get(address, { agent }, (answer) => answer.resume().on("end", resolve)).on("error", reject);
  });

await Promise.all(
  Array.from({ length: 64 }, async () => {
    while (Date.now() < end) {
      await limiter.schedule(() => (Date.now() < end ? send() : Promise.resolve()));
    }
  }),
);
process.exit(0);
