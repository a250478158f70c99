// Envoie un lot ; recommence tant que le service le demande.
// Sends a batch; tries again as long as the service asks for it.
import { randomUUID } from "node:crypto";

const { BRUME_URL, BRUME_KEY, BRUME_SECRET } = process.env;
const authorization = "Basic " + Buffer.from(`${BRUME_KEY}:${BRUME_SECRET}`).toString("base64");

async function send(statements) {
  for (let attempt = 0; attempt < 8; attempt++) {
    const answer = await fetch(`${BRUME_URL}/xapi/statements`, {
      method: "POST",
      headers: {
        Authorization: authorization,
        "Content-Type": "application/json",
        "X-Experience-API-Version": "1.0.3",
      },
      body: JSON.stringify(statements),
    });
    if (answer.ok) return answer.json();
    if (answer.status !== 429 && answer.status !== 503) throw new Error(await answer.text());
    const seconds = Number(answer.headers.get("Retry-After") ?? 5);
    await new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
  }
  throw new Error("Brume is still not available");
}

const statement = (exercise, success) => ({
  id: randomUUID(),
  actor: { account: { homePage: "https://ent.example", name: "4f6c1e0a" } },
  verb: { id: "http://adlnet.gov/expapi/verbs/answered" },
  object: { id: `https://outil.example/exercice/${exercise}` },
  result: { success },
  timestamp: new Date().toISOString(),
  context: { extensions: { "https://brume.example/xapi/extensions/uai": "0139101X" } },
});

const ids = await send([statement(1, true), statement(2, false)]);
console.log(ids.join("\n"));
