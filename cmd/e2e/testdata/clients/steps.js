// What every scenario is made of: named steps that throw when they fail. Runs
// in Node and in browsers.
globalThis.steps = function () {
  const report = { steps: [], sent: 0 };
  return {
    report,
    async step(name, run) {
      try {
        await run();
        report.steps.push({ name, error: "" });
      } catch (e) {
        report.steps.push({ name, error: String((e && e.message) || e) });
      }
    },
    took(n) { report.sent += n; }, // statements that were acknowledged
    check(ok, what) { if (!ok) throw new Error(what); },
  };
};

globalThis.newId = () => crypto.randomUUID();
