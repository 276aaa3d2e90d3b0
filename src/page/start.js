// The beginning: the engine is asked for what the forms offer, and the address or the program says what is opened.

const engine = new Engine();

// What a run of the program that wrote this page put into it: its counterexample. Returns null if it put nothing.
function embedded_in_page() {
    const text = by_id("opened").textContent.trim();
    return text === "" ? null : JSON.parse(text);
}

async function start() {
    await engine.ready;
    const lifecycle = await engine.call("read", "");
    const {play, check, history: log} = lifecycle.parameters;
    set_up_tabs();
    set_up_play(play, embedded_in_page());
    set_up_check(check, lifecycle.bugs);
    set_up_read(lifecycle);
    set_up_history(log, lifecycle.input_bytes_max);
    await follow_fragment();
    await begin_play();
    addEventListener("hashchange", in_turn(follow_fragment));
    document.documentElement.dataset.ready = "yes";
    performance.mark("ready");
}

in_turn(start)();
