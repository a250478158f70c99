// One question with two buttons, on H5P's own classes for events and scores.
var Brume = Brume || {};

Brume.TimesTable = function (params, id) {
  H5P.EventDispatcher.call(this);

  const answer = (choice) => {
    const right = choice === params.right;
    const event = this.createXAPIEventTemplate("answered");
    event.setScoredResult(right ? 1 : 0, 1, this, true, right);
    event.data.statement.result.response = String(choice);
    const definition = event.getVerifiedStatementValue(["object", "definition"]);
    Object.assign(definition, {
      description: { "und": params.question },
      type: "http://adlnet.gov/expapi/activities/cmi.interaction",
      interactionType: "choice",
      correctResponsesPattern: [String(params.right)],
      choices: params.answers.map((text, i) => ({ id: String(i), description: { "und": text } })),
    });
    this.trigger(event);
    if (right) this.triggerXAPICompleted(1, 1, true);
  };

  this.attach = ($container) => {
    this.setActivityStarted();
    params.answers.forEach((text, i) => {
      const button = document.createElement("button");
      button.textContent = text;
      button.id = i === params.right ? "right" : "wrong";
      button.addEventListener("click", () => answer(i));
      $container.get(0).appendChild(button);
    });
  };
};

Brume.TimesTable.prototype = Object.create(H5P.EventDispatcher.prototype);
Brume.TimesTable.prototype.constructor = Brume.TimesTable;
