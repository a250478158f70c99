// @xapi/xapi, as a new web application uses it; with both of its adapters.
globalThis.scenario = async function ({ endpoint, key, secret, browser }) {
  const XAPI = globalThis.XAPI || library("@xapi/xapi");
  const { report, step, took, check } = steps();
  for (const adapter of ["axios", "fetch"]) {
    const xapi = new XAPI({ endpoint, auth: XAPI.toBasicAuth(key, secret), version: "1.0.3", adapter });
    const actor = { objectType: "Agent", account: { homePage: "https://educonnect.example", name: "xapi-" + newId() } };
    const statement = (verb, extra) => ({ id: newId(), actor, verb: { id: "http://adlnet.gov/expapi/verbs/" + verb },
      object: { objectType: "Activity", id: "https://tool.example/activity/2" }, timestamp: new Date().toISOString(), ...extra });
    const name = (step) => adapter + ": " + step;

    await step(name("about"), async () => {
      const { data } = await xapi.getAbout();
      check(data.version.includes("1.0.3"), "version " + data.version);
    });
    const one = statement("completed", { result: { success: true, score: { scaled: 1 }, duration: "PT1M" } });
    await step(name("POST"), async () => {
      const { data } = await xapi.sendStatement({ statement: one });
      check(data[0] === one.id, "ids " + data);
      took(1);
    });
    await step(name("batch"), async () => {
      const { data } = await xapi.sendStatements({ statements: [statement("answered"), statement("passed"), statement("failed")] });
      check(data.length === 3, "ids " + data);
      took(3);
    });
    await step(name("retrieve"), async () => {
      const { data } = await xapi.getStatement({ statementId: one.id });
      check(data.id === one.id && data.stored, "another statement");
    });
    await step(name("query"), async () => {
      const { data } = await xapi.getStatements({ agent: actor, verb: "http://adlnet.gov/expapi/verbs/answered" });
      check(data.statements.length === 1, data.statements.length + " statements");
    });
    await step(name("more"), async () => {
      const { data } = await xapi.getStatements({ agent: actor, limit: 3 });
      check(data.statements.length === 3 && data.more, data.statements.length + " statements, more " + data.more);
      const next = await xapi.getMoreStatements({ more: data.more });
      check(next.data.statements.length === 1, next.data.statements.length + " more statements");
    });
    const content = new TextEncoder().encode("a drawing").buffer;
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", content));
    const drawn = statement("responded", { attachments: [{ usageType: XAPI.AttachmentUsages.SUPPORTING_MEDIA, display: { fr: "pièce" },
      contentType: "text/plain", length: content.byteLength, sha2: Array.from(digest, (b) => b.toString(16).padStart(2, "0")).join("") }] });
    if (adapter === "axios" && !browser) {
      await step(name("attachment, whose boundary axios takes away in Node.js"), async () => {
        const { status, data } = await xapi.sendStatement({ statement: drawn, attachments: [content] }).then(() => "taken", (e) => e.response);
        check(status === 400 && data.code === "request.content_type", status + " " + JSON.stringify(data));
      });
    } else {
      await step(name("attachment"), async () => {
        const { data } = await xapi.sendStatement({ statement: drawn, attachments: [content] });
        check(data[0] === drawn.id, "ids " + data);
        took(1);
      });
      await step(name("attachment, read back"), async () => {
        const { data } = await xapi.getStatement({ statementId: drawn.id, attachments: true });
        check(JSON.stringify(data).includes("a drawing"), "another attachment");
      });
    }
    await step(name("void"), async () => {
      await xapi.voidStatement({ actor, statementId: one.id });
      took(1);
      const { data } = await xapi.getVoidedStatement({ voidedStatementId: one.id });
      check(data.id === one.id, "another statement");
    });
    await step(name("refused"), async () => {
      const status = await xapi.sendStatement({ statement: statement("answered", { id: "no UUID" }) })
        .then(() => "taken", (e) => (e.response && e.response.status) || e.status || String(e));
      check(String(status).includes("400"), "status " + status);
    });
  }
  return report;
};
