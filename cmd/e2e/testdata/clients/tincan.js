// TinCanJS, as a course made with an authoring tool uses it.
globalThis.scenario = async function ({ endpoint, key, secret, browser }) {
  const TinCan = globalThis.TinCan || library("tincanjs");
  const { report, step, took, check } = steps();
  const lrs = new TinCan.LRS({ endpoint, username: key, password: secret, allowFail: false });
  const call = (start) => new Promise((done, fail) => start((err, result) =>
    err === null ? done(result) : fail(new Error(err + " " + ((result && result.responseText) || "")))));
  const actor = { account: { homePage: "https://educonnect.example", name: "tincan-" + newId() } };
  const statement = (verb, extra) => new TinCan.Statement({
    actor, verb: { id: "http://adlnet.gov/expapi/verbs/" + verb }, target: { id: "https://tool.example/activity/1" },
    result: { score: { scaled: 0.5 }, success: true, completion: true }, ...extra,
  });

  await step("about", async () => {
    const about = await call((callback) => lrs.about({ callback }));
    check(about.version.includes("1.0.2"), "version " + about.version);
  });
  const one = statement("completed");
  await step("PUT", async () => { await call((callback) => lrs.saveStatement(one, { callback })); took(1); });
  await step("POST", async () => {
    const anonymous = new TinCan.Statement({ actor, verb: { id: "http://adlnet.gov/expapi/verbs/attempted" },
      target: { id: "https://tool.example/activity/1" } }, { doStamp: false });
    await call((callback) => lrs.saveStatement(anonymous, { callback }));
    took(1);
  });
  await step("batch", async () => {
    await call((callback) => lrs.saveStatements([statement("answered"), statement("passed"), statement("failed")], { callback }));
    took(3);
  });
  await step("retrieve", async () => {
    const got = await call((callback) => lrs.retrieveStatement(one.id, { callback }));
    check(got.id === one.id && got.actor.account.name === actor.account.name, "another statement");
  });
  await step("query", async () => {
    const params = { agent: new TinCan.Agent(actor), verb: new TinCan.Verb({ id: "http://adlnet.gov/expapi/verbs/answered" }) };
    const got = await call((callback) => lrs.queryStatements({ params, callback }));
    check(got.statements.length === 1, got.statements.length + " statements");
  });
  await step("more", async () => {
    const params = { agent: new TinCan.Agent(actor), limit: 2 };
    const got = await call((callback) => lrs.queryStatements({ params, callback }));
    check(got.statements.length === 2 && got.more, got.statements.length + " statements, more " + got.more);
    const next = await call((callback) => lrs.moreStatements({ url: got.more, callback }));
    check(next.statements.length === 2, next.statements.length + " more statements");
  });
  const drawn = statement("responded", { attachments: [{ usageType: "http://id.tincanapi.com/attachment/supporting_media",
    display: { fr: "pièce" }, contentType: "text/plain", content: new TextEncoder().encode("an essay").buffer }] });
  await step("attachment", async () => { await call((callback) => lrs.saveStatement(drawn, { callback })); took(1); });
  await step("attachment, read back", async () => {
    const got = await call((callback) => lrs.retrieveStatement(drawn.id, { callback, params: { attachments: true } }));
    check(got.attachments[0].getContentAsString() === "an essay", "another attachment");
  });
  await step("void", async () => {
    const voiding = new TinCan.Statement({ actor, verb: { id: "http://adlnet.gov/expapi/verbs/voided" },
      target: { objectType: "StatementRef", id: one.id } });
    await call((callback) => lrs.saveStatement(voiding, { callback }));
    took(1);
    const got = await call((callback) => lrs.retrieveVoidedStatement(one.id, { callback }));
    check(got.id === one.id, "another statement");
  });
  if (browser) { // above 2,048 characters it sends the alternate request syntax
    await step("alternate syntax", async () => {
      const params = { agent: new TinCan.Agent({ ...actor, name: "x".repeat(3000) }), verb: new TinCan.Verb({ id: "http://adlnet.gov/expapi/verbs/passed" }) };
      const got = await call((callback) => lrs.queryStatements({ params, callback }));
      check(got.statements.length === 1, got.statements.length + " statements");
    });
  }
  await step("refused", async () => {
    const wrong = statement("answered", { id: "no UUID" });
    const status = await call((callback) => lrs.saveStatement(wrong, { callback })).then(() => "taken", (e) => e.message);
    check(status.startsWith("400 ") && status.includes("code"), status);
  });
  return report;
};
