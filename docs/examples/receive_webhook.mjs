// A receiver of webhooks in Node.js 20 without packages: checks the signature, answers at once, works afterwards.
// WEBHOOK_SECRET=whsec_… PORT=9000 node docs/examples/receive_webhook.mjs
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

const key = Buffer.from(process.env.WEBHOOK_SECRET.replace(/^whsec_/, ""), "base64");
const seen = new Set(); // in a database in real life: an event may come twice, under the same id

function isGenuine(headers, body) {
  const { "webhook-id": id, "webhook-timestamp": sentAt, "webhook-signature": signatures = "" } = headers;
  if (!id || !(Math.abs(Date.now() / 1000 - Number(sentAt)) <= 300)) return false;
  const wanted = createHmac("sha256", key).update(`${id}.${sentAt}.${body}`).digest();
  return signatures.split(" ").some((signature) => {
    const [version, text = ""] = signature.split(",");
    const given = Buffer.from(text, "base64");
    return version === "v1" && given.length === wanted.length && timingSafeEqual(given, wanted);
  });
}

createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString("utf8");
  if (!isGenuine(request.headers, body)) return response.writeHead(401).end();
  response.writeHead(204).end();
  const id = request.headers["webhook-id"];
  if (seen.has(id)) return;
  seen.add(id);
  const event = JSON.parse(body);
  console.log(event.type, event.data.seq);
}).listen(Number(process.env.PORT ?? 9000), "127.0.0.1");
