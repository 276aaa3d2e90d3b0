// Play: one situation, as the engine plays it. What the engine says is drawn; nothing is decided here.

let play_parameters = [];
let embedded = null; // the counterexample in the page itself: {command, violated, sentence, trace, situation}

// The situation: its parameters, all of its steps, and how many of them are played. The others can be redone.
const situation = {parameters: "", steps: [], played: 0};

const text_of = (count) => [situation.parameters, ...situation.steps.slice(0, count)].join("/");

function play_fragment() {
    const undone = situation.played < situation.steps.length ? "@" + situation.played : "";
    return "play=" + text_of(situation.steps.length) + undone;
}

// ---- Moving through the situation.

// Plays a situation, and draws it. Returns whether the engine accepts it; if not, says why, and nothing else changes.
async function go_to(parameters, steps, played) {
    const all = await engine.call("play", [parameters, ...steps].join("/"));
    if (all.error !== undefined) {
        say("This is no situation: " + words_of_error(all.error) + ".");
        return false;
    }
    Object.assign(situation, {parameters, steps, played});
    const now = played === steps.length ? all : await engine.call("play", text_of(played));
    draw_play(now, all);
    if (shown_tab() === "play") {
        set_fragment(play_fragment());
    }
    return true;
}

const go_to_step = (played) => go_to(situation.parameters, situation.steps, played);

// Takes a step. If it is the one that would be redone, those after it stay.
async function take_step(step) {
    const {parameters, steps, played} = situation;
    const redone = steps[played] === step;
    const next = redone ? steps : [...steps.slice(0, played), step];
    if (await go_to(parameters, next, played + 1)) {
        say(what_happened(played + 1));
    }
}

async function open_play(text) {
    const [, whole, at] = /^(.*?)(?:@(\d+))?$/s.exec(text);
    const [parameters, ...steps] = whole.split("/");
    const played = Math.min(at ?? steps.length, steps.length);
    if (await go_to(parameters, steps, played)) {
        say("Opened: " + count_of(played, "step") + " of " + steps.length + ".");
        return true;
    }
    return false;
}

// Draws what is embedded in the page, else a job in training, unless something else is drawn by now. What was said
// before stays.
async function begin_play() {
    const said = by_id("status").textContent;
    const training = by_id("begin-training").hash.slice("#play=".length);
    for (const text of embedded === null ? [training] : [embedded.situation, training]) {
        if (drawn.all === undefined) {
            await open_play(text);
        }
    }
    if (said !== "" || by_id("origin").hidden) {
        say(said);
    }
}

// Other parameters: the steps that they still allow are kept.
async function change_parameters() {
    const form = by_id("play-form");
    if (!form.reportValidity()) {
        return;
    }
    const parameters = as_text(given_in(form, play_parameters));
    const answer = await engine.call("play", [parameters, ...situation.steps].join("/"));
    let steps = situation.steps;
    if (answer.error?.at !== undefined) {
        const kept = [parameters, ...steps].join("/").slice(0, answer.error.at).split("/").length - 2;
        steps = steps.slice(0, Math.max(kept, 0));
    }
    const left_out = situation.steps.length - steps.length;
    if (await go_to(parameters, steps, Math.min(situation.played, steps.length))) {
        const possible = left_out === 0 ? "" : " " + count_of(left_out, "step") + " left out, not possible there.";
        say("Set up." + possible);
    }
}

// ---- Saying what happened.

const drawn = {}; // now: what the engine said of the steps that are played; all: of all steps

function words_of(step) {
    const arrow = step.partner === "" ? ": " : " to " + step.partner + ": ";
    return step.actor + arrow + step.action + (step.answer === "" ? "" : ": " + step.answer);
}

function what_happened(number) {
    const step = drawn.all.steps[number - 1];
    const violated = step.violates.length === 0 ? "" : " This violates " + step.violates.join(", ") + ".";
    return "Step " + number + ": " + words_of(step) + "." + violated;
}

// ---- Drawing: actors.

function choice_button(choice) {
    return element(
        "button",
        {
            type: "button",
            className: choice.fault ? "fault" : "",
            click: in_turn(async () => {
                await take_step(choice.step);
                focus_card(choice.step.split(".")[0]);
            }),
        },
        choice.text,
    );
}

// Keeps the keyboard where it was: at the actor that was answered.
function focus_card(id) {
    const card = by_id("card-" + id);
    (card?.querySelector("button") ?? card)?.focus();
}

function choice_groups(name, choices, first) {
    const group = (title, chosen) =>
        chosen.length === 0
            ? null
            : element(
                  "div",
                  {role: "group", "aria-label": name + ": " + title},
                  element("p", {className: "kind"}, title),
                  ...chosen.map(choice_button),
              );
    return [
        group(
            first,
            choices.filter((choice) => !choice.fault),
        ),
        group(
            "faults",
            choices.filter((choice) => choice.fault),
        ),
    ].filter((made) => made !== null);
}

function card(id, name, kind, ...content) {
    const title = element("h4", {id: "title-" + id}, name);
    return element(
        "article",
        {id: "card-" + id, className: "card " + kind, tabIndex: -1, "aria-labelledby": title.id},
        title,
        ...content,
    );
}

function last_words(last) {
    const change = {yes: ", changed", no: ", unchanged", unknown: ", possibly changed"}[last.changed] ?? "";
    return last.event + ": " + last.status + (last.status === "crashed" ? "" : change);
}

function actor_card(actor) {
    const {operation, last} = actor;
    const state =
        operation !== null
            ? [element("strong", {}, operation.event), " asks to ", operation.text, "."]
            : [last === null ? "Idle." : "Idle. Last: " + last_words(last) + "."];
    return card(
        actor.id,
        actor.name,
        actor.kind,
        element("p", {}, ...state),
        ...choice_groups(actor.name, actor.choices, operation === null ? "begins" : "answers"),
    );
}

function record_fields(record) {
    const shown = Object.entries(record).filter(([name, value]) => name !== "state" && value !== "0");
    return element(
        "dl",
        {className: "fields"},
        ...shown.flatMap(([name, value]) => [
            element("dt", {}, name.replaceAll("_", " ").replace(/ ms$/, "")),
            element("dd", {}, value),
        ]),
    );
}

function store_card({store, late_writes, actors}) {
    const record = store.record;
    const name_of = (id) => actors.find((actor) => actor.id === id).name;
    const late = late_writes.map((write) =>
        element(
            "li",
            {},
            write.number +
                ": " +
                name_of(write.actor) +
                ", " +
                write.event +
                ", version " +
                write.expects +
                " for " +
                write.next +
                (write.can_apply ? "" : ": too late"),
        ),
    );
    return card(
        "store",
        "store",
        "store",
        element(
            "p",
            {},
            element("strong", {}, record === null ? "ABSENT" : record.state),
            ", version " + store.version,
        ),
        record === null ? null : record_fields(record),
        late.length === 0 ? null : element("p", {className: "kind"}, "writes in flight"),
        late.length === 0 ? null : element("ul", {className: "late"}, ...late),
        ...choice_groups("store", store.choices, "applies"),
    );
}

function clock_card({clock}) {
    const input = element("input", {
        type: "text",
        inputMode: "numeric",
        pattern: "[0-9]{1,20}",
        required: true,
        value: clock.now_ms,
    });
    const submit = in_turn(async () => {
        await take_step("clock.set(" + input.value + ")");
        focus_card("clock");
    });
    return card(
        "clock",
        "clock",
        "clock",
        element("p", {}, grouped(clock.now_ms) + " ms"),
        ...choice_groups("clock", clock.choices, "moves"),
        element(
            "form",
            {
                submit: (event) => {
                    event.preventDefault();
                    submit();
                },
            },
            element("label", {}, "to, in ms", input),
            element("button", {type: "submit"}, "Set"),
        ),
    );
}

function draw_actors(now) {
    const of_kind = (kind) => now.actors.filter((actor) => actor.kind === kind).map(actor_card);
    const columns = [
        ["Clients", of_kind("client")],
        ["Trainers", of_kind("trainer")],
        ["Store", [store_card(now)]],
        ["Supervisor", of_kind("supervisor")],
        ["Host", of_kind("host")],
        ["Clock", [clock_card(now)]],
    ];
    by_id("actors").replaceChildren(
        ...columns
            .filter(([, cards]) => cards.length !== 0)
            .map(([title, cards]) =>
                element(
                    "section",
                    {className: title === "Store" ? "column wide" : "column", "aria-label": title},
                    element("h3", {}, title),
                    ...cards,
                ),
            ),
    );
}

// ---- Drawing: steps, answers, invariants.

function step_button(step, number) {
    const here = number === situation.played;
    const undone = number > situation.played;
    const answer = [step.answer, undone ? "undone" : "", ...step.violates.map((name) => "violates " + name)];
    const said = answer.filter((text) => text !== "").join("; ");
    const button = element(
        "button",
        {
            type: "button",
            className: undone ? "undone" : "",
            click: in_turn(async () => {
                await go_to_step(number);
                by_id("steps").children[number - 1].firstChild.focus();
                say("After step " + number + " of " + situation.steps.length + ".");
            }),
        },
        element("span", {className: "number"}, String(number)),
        element("span", {}, step.actor + (step.partner === "" ? ": " : " \u2192 " + step.partner + ": ") + step.action),
        said === ""
            ? null
            : element("span", {className: step.violates.length === 0 ? "answer" : "answer mark violated"}, said),
    );
    here && button.setAttribute("aria-current", "step");
    return element("li", {}, button);
}

// Scrolls a list, and not the page around it.
function scroll_to_current(list) {
    const current = list.querySelector("[aria-current]");
    if (current !== null) {
        const middle = current.offsetTop - list.offsetTop - (list.clientHeight - current.offsetHeight) / 2;
        list.scrollTop = Math.max(0, middle);
    }
}

function draw_steps(all) {
    by_id("steps").replaceChildren(...all.steps.map((step, i) => step_button(step, i + 1)));
    by_id("no-steps").hidden = all.steps.length !== 0;
    scroll_to_current(by_id("steps"));
    by_id("diagram").replaceChildren(...sequence_diagram(all, situation.played, in_turn(go_to_step)));
    by_id("diagram").hidden = all.steps.length === 0;
    by_id("position").textContent = "Step " + situation.played + " of " + situation.steps.length;
    by_id("undo").disabled = situation.played === 0;
    by_id("restart").disabled = situation.played === 0;
    by_id("redo").disabled = situation.played === situation.steps.length;
}

function response_article(response) {
    const head = [response.status, ...response.headers.map(([name, value]) => name + ": " + value)].join("\n");
    return element(
        "article",
        {className: "message", "aria-label": response.actor + ", step " + response.step},
        element("h4", {}, response.actor + ", step " + response.step),
        element("pre", {tabIndex: -1}, head + "\n\n" + response.body),
        element(
            "details",
            {},
            element("summary", {className: "note"}, "The request"),
            element("pre", {}, "X-Amz-Target: " + response.request.target + "\n\n" + response.request.body),
        ),
    );
}

function draw_wire({responses}) {
    const newest_first = responses.map(response_article).reverse();
    by_id("wire").replaceChildren(
        ...(newest_first.length !== 0
            ? newest_first
            : [element("p", {className: "note"}, "No client was answered yet.")]),
    );
}

const marks = {holds: "\u2713 ", violated: "\u2717 ", "not exercised": "\u2013 ", "not applicable": "\u2013 "};

function state_mark({kind, state, step}) {
    const seen = {holds: "seen", "not exercised": "not seen"};
    const text = kind === "sometimes" ? (seen[state] ?? state) : state;
    const kindness = state === "holds" || state === "violated" ? state : "quiet";
    return element(
        "span",
        {},
        element("span", {className: "mark " + kindness}, marks[state] + text),
        step === null ? null : element("span", {className: "said"}, " at step " + step),
    );
}

function draw_invariants({invariants}) {
    const rows = (chosen) =>
        chosen.map((invariant) => [
            element(
                "span",
                {},
                element("strong", {}, invariant.name),
                element("br"),
                element("span", {className: "said"}, invariant.sentence),
            ),
            state_mark(invariant),
        ]);
    const properties = invariants.filter((invariant) => invariant.kind !== "sometimes");
    const seen = invariants.filter((invariant) => invariant.kind === "sometimes");
    by_id("invariants").replaceChildren(
        table("Invariants", ["Invariant", "State"], rows(properties)),
        ...(seen.length === 0
            ? []
            : [element("h3", {}, "Worth seeing"), table("Worth seeing", ["What", "State"], rows(seen))]),
    );
}

// The note on what is embedded is about that situation alone, however much of it is undone.
function draw_origin() {
    const shown = embedded !== null && text_of(situation.steps.length) === embedded.situation;
    by_id("origin").hidden = !shown;
    by_id("origin").replaceChildren(
        ...(shown
            ? [
                  element("code", {}, embedded.command),
                  " violates ",
                  element("strong", {}, embedded.violated),
                  ": " + embedded.sentence + ". This is " + embedded.trace + "; Undo goes back.",
              ]
            : []),
    );
}

function draw_play(now, all) {
    Object.assign(drawn, {now, all});
    draw_origin();
    draw_actors(now);
    draw_steps(all);
    draw_wire(now);
    draw_invariants(now);
    for (const input of by_id("play-form").elements) {
        input.value = now.parameters[input.name];
    }
    if (document.activeElement !== by_id("situation")) {
        by_id("situation").value = text_of(situation.steps.length);
    }
}

// ---- Controls.

async function step_by(count) {
    const to = Math.max(0, Math.min(situation.steps.length, situation.played + count));
    if (to === situation.played) {
        return;
    }
    await go_to_step(to);
    say((count < 0 ? "Undone. " : "Redone. ") + (to === 0 ? "At the beginning." : what_happened(to)));
}

async function copy_link() {
    set_fragment(play_fragment());
    try {
        await navigator.clipboard.writeText(location.href);
        say("The link to this situation is copied.");
    } catch {
        say("The address of this page is the link to this situation.");
    }
}

function set_up_play(parameters, opened) {
    play_parameters = parameters;
    embedded = opened;
    fill_form(by_id("play-form"), parameters);
    by_id("play-form").addEventListener("change", in_turn(change_parameters));
    by_id("situation-form").addEventListener(
        "submit",
        in_turn((event) => {
            event.preventDefault();
            return open_play(by_id("situation").value.trim());
        }),
    );
    by_id("undo").addEventListener(
        "click",
        in_turn(() => step_by(-1)),
    );
    by_id("redo").addEventListener(
        "click",
        in_turn(() => step_by(1)),
    );
    by_id("restart").addEventListener(
        "click",
        in_turn(() => step_by(-situation.played)),
    );
    by_id("link").addEventListener("click", in_turn(copy_link));
    document.addEventListener("keydown", (event) => {
        const typing = event.target.matches?.("input, textarea, select");
        const count = {z: event.shiftKey ? 1 : -1, y: 1}[event.key.toLowerCase()];
        if (count !== undefined && (event.ctrlKey || event.metaKey) && !typing && shown_tab() === "play") {
            event.preventDefault();
            in_turn(step_by)(count);
        }
    });
}
