// An H5P content in the standalone player. The player sends nothing itself:
// the page forwards the xAPI events, in the name of the pupil's account.
globalThis.scenario = async function ({ endpoint, key, secret }) {
  const Player = H5PStandalone.H5P; // its frame's script takes the name away
  const { report, step, took, check } = steps();
  const account = { account: { homePage: "https://educonnect.example", name: "h5p-" + newId() } };
  const forward = (statement) => fetch(endpoint + "statements", {
    method: "POST",
    headers: { "Authorization": "Basic " + btoa(key + ":" + secret), "Content-Type": "application/json", "X-Experience-API-Version": "1.0.3" },
    body: JSON.stringify(statement),
  });
  const click = async (frame, id) => {
    for (let tries = 0; tries < 400; tries++) {
      const button = frame.contentDocument && frame.contentDocument.getElementById(id);
      if (button) return button.click();
      await new Promise((done) => setTimeout(done, 25));
    }
    throw new Error("the content shows no answers");
  };
  // play gives a wrong answer and the right one; it returns the answers of the endpoint.
  const play = async (options, edit) => {
    const element = document.body.appendChild(document.createElement("div"));
    await new Player(element, { h5pJsonPath: "/h5p", frameJs: "/packages/h5p-standalone/dist/frame.bundle.js",
      frameCss: "/packages/h5p-standalone/dist/styles/h5p.css", ...options });
    const verbs = [], sending = [];
    const listener = (event) => {
      const statement = edit(event.data.statement);
      verbs.push(statement.verb.id.split("/").pop());
      sending.push(forward(statement));
    };
    H5P.externalDispatcher.on("xAPI", listener);
    const frame = element.querySelector("iframe");
    await click(frame, "wrong");
    await click(frame, "right");
    H5P.externalDispatcher.off("xAPI", listener);
    element.remove();
    check(verbs.filter((v) => v === "answered").length === 2 && verbs.includes("completed"), "events " + verbs);
    return Promise.all(sending);
  };
  const taken = async (answers) => {
    for (const answer of answers) {
      check(answer.status === 200, answer.status + " " + await answer.text());
      took(1);
    }
  };
  // A player with a user asks for the state that it left; there is none.
  const known = { user: { name: "Camille", mail: "camille@ent.example" }, ajax: { contentUserDataUrl: "/state.json" }, saveFreq: false };

  // The player's own name for a visitor has no homePage, which the specification requires.
  await step("without a user", async () => {
    for (const answer of await play({}, (statement) => statement)) {
      const { code, errors } = await answer.json();
      check(answer.status === 400 && code === "property.missing" && errors[0].pointer === "/actor/account", answer.status + " " + JSON.stringify(errors));
    }
  });
  await step("with the pupil's account", async () => taken(await play(known, (statement) => ({ ...statement, actor: account }))));
  await step("with the user of the player", async () => taken(await play(known, (statement) => statement)));
  return report;
};
