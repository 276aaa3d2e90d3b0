// Check: the model checker, in a worker of its own that can be ended at any time.

const check = {engine: null, began: 0, parameters: [], bugs: {}};

// The same check as a command of the program.
function command_of(given) {
    const words = given.map(([name, value]) =>
        name === "reduction" ? "--no-reduction" : `--${name} ${value}${name === "memory" ? "M" : ""}`,
    );
    return ["tjob check", ...words].join(" ");
}

function draw_check_command() {
    const form = by_id("check-form");
    by_id("check-command").replaceChildren(
        element("code", {}, command_of(given_in(form, check.parameters))),
        ". The search takes at most " +
            form.elements.memory.value +
            " MiB of memory, and the model some more beside it.",
    );
    const bug = form.elements.bug.value;
    by_id("check-bug").textContent = bug === "none" ? "" : "With the bug " + bug + ": " + check.bugs[bug] + ".";
}

const seconds_of = (check) => ((performance.now() - check.began) / 1000).toFixed(1) + " s";

function draw_counts(counts, more) {
    const shown = {states: counts.states, transitions: counts.transitions, depth: counts.depth, ...more};
    by_id("check-counts").hidden = false;
    by_id("check-counts").replaceChildren(
        ...Object.entries(shown).map(([name, value]) =>
            element("div", {}, element("dt", {}, name), element("dd", {}, grouped(value))),
        ),
    );
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
    return element(
        "ol",
        {className: "trace"},
        ...result.trace.map((step) =>
            element(
                "li",
                {},
                words_of(step),
                element("span", {className: "note"}, step.after === step.before ? "" : " \u2014 now " + step.after),
            ),
        ),
    );
}

function counterexample(result) {
    const title = element("h3", {}, "A shortest trace to a violation of " + result.violated);
    const open = element(
        "button",
        {
            type: "button",
            className: "main",
            click: in_turn(async () => {
                show_tab("play");
                if (await open_play(result.situation)) {
                    say(
                        "Opened: the trace to a violation of " +
                            result.violated +
                            ", " +
                            count_of(situation.steps.length, "step") +
                            ". Undo goes back.",
                    );
                    by_id("undo").focus();
                }
            }),
        },
        "Open in Play",
    );
    return [title, open, trace_list(result)];
}

function property_row(property) {
    const good = {holds: "holds", violated: "violated"}[property.verdict] ?? "quiet";
    return [
        element(
            "span",
            {},
            element("strong", {}, property.name),
            element("br"),
            element("span", {className: "said"}, property.says),
        ),
        element(
            "td",
            {},
            element("span", {className: "mark " + good}, (marks[property.verdict] ?? "\u2013 ") + property.verdict),
        ),
        number_cell(property.exercised),
    ];
}

function draw_result(result) {
    draw_counts(result, {memory: Math.ceil(Number(result.memory_bytes) / 1048576) + " MiB", time: seconds_of(check)});
    const verdict = `Search: ${result.search}. Verdict: ${result.verdict}.`;
    by_id("check-verdict").replaceChildren(
        element("p", {className: "verdict"}, verdict),
        ...(result.violated === undefined ? [] : counterexample(result)),
        element("h3", {}, "Properties"),
        table("Properties", ["Property", "Verdict", "Exercised"], result.properties.map(property_row)),
    );
    say(verdict + " " + grouped(result.states) + " states.");
}

async function start_check() {
    const form = by_id("check-form");
    if (check.engine !== null || !form.reportValidity()) {
        return;
    }
    const parameters = as_text(given_in(form, check.parameters));
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
            say("Not checked: " + words_of_error(result.error) + ".");
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

function set_up_check(parameters, bugs) {
    Object.assign(check, {parameters, bugs});
    fill_form(by_id("check-form"), parameters);
    by_id("check-form").addEventListener("input", draw_check_command);
    by_id("check-start").addEventListener("click", start_check);
    by_id("check-cancel").addEventListener("click", cancel_check);
    draw_check_command();
}
