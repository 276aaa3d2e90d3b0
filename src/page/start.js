// The beginning: the engine is asked for what the forms offer, and the address or the program says what is opened.

const engine = new Engine();

// A run of the program that wrote this page put its counterexample into it.
async function open_embedded() {
    const text = by_id("opened").textContent.trim();
    if (text === "") {
        return false;
    }
    const opened = JSON.parse(text);
    show_tab("play");
    const done = await open_play(opened.situation);
    by_id("origin").hidden = false;
    by_id("origin").replaceChildren(
        element("code", {}, opened.command),
        " violates ",
        element("strong", {}, opened.violated),
        ": " + opened.sentence + ". This is a shortest trace; Undo goes back.",
    );
    return done;
}

async function start() {
    await engine.ready;
    const lifecycle = await engine.call("read", "");
    const {play, check, judge} = lifecycle.parameters;
    set_up_tabs();
    set_up_play(play);
    set_up_check(check, lifecycle.bugs);
    set_up_read(lifecycle);
    set_up_judge(judge);
    if (location.hash !== "" || !(await open_embedded())) {
        await follow_fragment();
    }
    await begin_play();
    addEventListener("hashchange", in_turn(follow_fragment));
    document.documentElement.dataset.ready = "yes";
    performance.mark("ready");
}

in_turn(start)();
