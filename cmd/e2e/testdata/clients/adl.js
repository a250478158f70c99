// ADL's xAPIWrapper, which only runs in browsers. Where a browser has
// XDomainRequest it sends the alternate request syntax. No living browser has
// one, so the scenario makes it: like Internet Explorer's it sends no header of
// the page's own, and unlike it the type of the form, which the specification
// asks for.
globalThis.scenario = async function ({ endpoint, key, secret }) {
  const { report, step, took, check } = steps();
  const wrapper = ADL.XAPIWrapper;
  wrapper.changeConfig({ endpoint, auth: "Basic " + btoa(key + ":" + secret), strictCallbacks: true });
  const call = (start) => new Promise((done, fail) => start((err, xhr, body) => (err ? fail(new Error(err.message + " " + (xhr && xhr.response))) : done([xhr, body]))));
  const actor = { account: { homePage: "https://educonnect.example", name: "adl-" + newId() } };
  const statement = (verb, extra) => ({ actor, verb: { id: "http://adlnet.gov/expapi/verbs/" + verb, display: { "en-US": verb } },
    object: { id: "https://tool.example/activity/3" }, ...extra });

  await step("about, with Authorization: null", async () => {
    const [xhr] = await call((done) => ADL.XHR_request(wrapper.lrs, endpoint + "about", "GET", null, null, done, null, false, null, false, true));
    check(JSON.parse(xhr.response).version.includes("1.0.1"), xhr.response);
  });
  const one = statement("completed", { id: newId() });
  await step("POST", async () => { await call((done) => wrapper.sendStatement(one, done)); took(1); });
  await step("batch", async () => {
    await call((done) => wrapper.sendStatements([statement("answered"), statement("passed")], done));
    took(2);
  });
  await step("attachment", async () => {
    const sent = statement("responded", { id: newId() });
    await call((done) => wrapper.sendStatement(sent, done, [{ type: { usageType: "http://id.tincanapi.com/attachment/supporting_media",
      display: { fr: "pièce" }, contentType: "text/plain" }, value: "a poem" }]));
    took(1);
  });
  const query = async (params) => (await call((done) => wrapper.getStatements({ ...wrapper.searchParams(), ...params }, null, done)))[1];
  await step("retrieve", async () => {
    const got = await query({ statementId: one.id });
    check(got.id === one.id, "another statement");
  });
  await step("query", async () => {
    const got = await query({ agent: JSON.stringify(actor), verb: "http://adlnet.gov/expapi/verbs/answered" });
    check(got.statements.length === 1, got.statements.length + " statements");
  });
  await step("more", async () => {
    const got = await query({ agent: JSON.stringify(actor), limit: 2 });
    check(got.statements.length === 2 && got.more, got.statements.length + " statements, more " + got.more);
    const [, next] = await call((done) => wrapper.getStatements(null, got.more, done));
    check(next.statements.length === 2, next.statements.length + " more statements");
  });

  globalThis.XDomainRequest = class {
    open(method, url) { Object.assign(this, { method, url }); }
    send(data) {
      fetch(this.url, { method: this.method, body: data, headers: { "Content-Type": "application/x-www-form-urlencoded" } }).then(async (answer) => {
        this.status = answer.status;
        this.response = this.responseText = await answer.text();
        this.onload();
      }, () => this.onerror());
    }
  };
  Object.defineProperty(XMLHttpRequest.prototype, "responseType", { value: undefined });
  const alternate = statement("passed", { id: newId() });
  await step("alternate syntax: POST", async () => { await call((done) => wrapper.sendStatement(alternate, done)); took(1); });
  await step("alternate syntax: retrieve", async () => {
    const got = await query({ statementId: alternate.id });
    check(got.id === alternate.id, "another statement");
  });
  return report;
};
