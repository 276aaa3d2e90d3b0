// Check: the model checker, in a worker of its own that can be ended at any time.

const check_defaults = {
    clients: 2, trainers: 2, retries: 1, faults: 1, incarnations: 2,
    "stop-submitted": "stop", "stop-finished": "accept", bug: "none", reduction: "yes", memory: 256,
};
const check_fields = {
    clients: {label: "Clients", low: 1, high: 4},
    trainers: {label: "Trainers", low: 1, high: 3},
    retries: {label: "Retries of a client", low: 0, high: 3},
    faults: {label: "Faults", low: 0, high: 3},
    incarnations: {label: "Incarnations", low: 1, high: 3},
    ...policies,
    bug: {label: "Seeded bug", words: ["none"]},
    reduction: {label: "Reductions", words: ["yes", "no"]},
    memory: {label: "Memory, MiB", low: 1, high: 2048},
};

const check = {engine: null, began: 0};

// The same check as a command of the program.
function command_of(values) {
    const options = Object.entries(values).filter(([name, value]) => value !== String(check_defaults[name]) || name === "memory");
    const words = options.map(([name, value]) => name === "reduction" ? "--no-reduction" : `--${name} ${value}${name === "memory" ? "M" : ""}`);
    return ["tjob check", ...words].join(" ");
}

function draw_check_command() {
    const values = values_of(by_id("check-form"));
    by_id("check-command").replaceChildren("The same as ", element("code", {}, command_of(values)),
        ". The search takes at most " + values.memory + " MiB of memory, and the model some more beside it.");
}

const seconds_of = (check) => ((performance.now() - check.began) / 1000).toFixed(1) + " s";

function draw_counts(counts, more) {
    const shown = {states: counts.states, transitions: counts.transitions, depth: counts.depth, ...more};
    by_id("check-counts").hidden = false;
    by_id("check-counts").replaceChildren(...Object.entries(shown).map(([name, value]) =>
        element("div", {}, element("dt", {}, name), element("dd", {}, grouped(value)))));
}

function draw_progress(counts) {
    const progress = by_id("check-progress");
    const live = Number(counts.live);
    if (live !== 0) {
        progress.max = Number(counts.states);
        progress.value = live;
    } else {
        progress.removeAttribute("value");
    }
    draw_counts(counts, {queued: counts.waiting, "room for": counts.capacity, time: seconds_of(check)});
}

function set_running(running) {
    by_id("check-start").disabled = running;
    by_id("check-cancel").disabled = !running;
    by_id("check-progress").hidden = !running;
}

function end_check() {
    check.engine?.end();
    check.engine = null;
    set_running(false);
}

function trace_list(result) {
    return element("ol", {className: "trace"}, ...result.trace.map((step) => element("li", {}, words_of(step),
        element("span", {className: "note"}, step.after === step.before ? "" : " \u2014 now " + step.after))));
}

function counterexample(result) {
    const title = element("h3", {}, "A shortest trace to a violation of " + result.violated);
    const open = result.situation === null ? element("p", {className: "note"}, "Play cannot show a trace without an end.") :
        element("button", {
            type: "button", className: "main",
            click: in_turn(async () => {
                show_tab("play");
                if (await open_play(result.situation)) {
                    say("Opened: the trace to a violation of " + result.violated + ", " + count_of(situation.steps.length, "step") + ". Undo goes back.");
                    by_id("undo").focus();
                }
            }),
        }, "Open in Play");
    return [title, open, trace_list(result)];
}

function property_row(property) {
    const good = {holds: "holds", violated: "violated"}[property.verdict] ?? "quiet";
    return [element("span", {}, element("strong", {}, property.name), element("br"), element("span", {className: "said"}, property.says)),
        element("td", {}, element("span", {className: "mark " + good}, (marks[property.verdict] ?? "\u2013 ") + property.verdict)),
        number_cell(property.exercised)];
}

function draw_result(result) {
    draw_counts(result, {memory: Math.ceil(Number(result.memory_bytes) / 1048576) + " MiB", time: seconds_of(check)});
    const verdict = `Search: ${result.search}. Verdict: ${result.verdict}.`;
    by_id("check-verdict").replaceChildren(element("p", {className: "verdict"}, verdict),
        ...(result.violated === undefined ? [] : counterexample(result)),
        element("h3", {}, "Properties"),
        table("Properties", ["Property", "Verdict", "Exercised"], result.properties.map(property_row)));
    say(verdict + " " + grouped(result.states) + " states.");
}

async function start_check() {
    const form = by_id("check-form");
    if (check.engine !== null || !form.reportValidity()) {
        return;
    }
    const parameters = parameters_of(values_of(form), check_defaults);
    const mine = new Engine(draw_progress);
    Object.assign(check, {engine: mine, began: performance.now()});
    set_running(true);
    by_id("check-verdict").replaceChildren();
    by_id("check-counts").hidden = true;
    by_id("check-cancel").focus();
    say("Exploring.");
    try {
        const result = await mine.call("check", parameters);
        if (result.error !== undefined) {
            say("Not checked: " + result.error.message + ".");
        } else {
            draw_result(result);
        }
    } catch (error) {
        say("Not checked: " + error.message + ".");
    }
    end_check();
    by_id("check-start").focus();
}

function cancel_check() {
    if (check.engine !== null) {
        end_check();
        say("Cancelled after " + seconds_of(check) + ". Nothing is known of what was not explored.");
        by_id("check-start").focus();
    }
}

function set_up_check(bugs) {
    check_fields.bug.words = ["none", ...bugs.map((bug) => bug.name)];
    fill_form(by_id("check-form"), check_fields, check_defaults);
    by_id("check-form").addEventListener("input", draw_check_command);
    by_id("check-start").addEventListener("click", start_check);
    by_id("check-cancel").addEventListener("click", cancel_check);
    draw_check_command();
}
