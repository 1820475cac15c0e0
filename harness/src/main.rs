//! The `greenlight` binary. Everything is in the library; here a panic becomes exit code 70.

use std::process::ExitCode;

use greenlight::model::exit;

/// After so many steps of work timers are looked at, deadlines among them: a server that sends without end makes each step a
/// long one.
const LOOK_EVERY: u32 = 7;

fn main() -> ExitCode {
    std::panic::set_hook(Box::new(|panic| {
        // Only the place: a panic's message may hold anything, a secret included.
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        eprint_line(&format!(
            "greenlight: a fault of its own at {place}; please report it with this line"
        ));
    }));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .event_interval(LOOK_EVERY)
        .build();
    let Ok(runtime) = runtime else {
        eprint_line("greenlight: this machine gives no threads to run on");
        return ExitCode::from(exit::OURS);
    };
    let done = std::panic::catch_unwind(|| {
        #[cfg(debug_assertions)]
        fault_on_purpose();
        runtime.block_on(greenlight::cli::run(std::env::args_os()))
    });
    runtime.shutdown_background();
    ExitCode::from(done.unwrap_or(exit::OURS))
}

/// Panics with what this variable holds, so that a test can see that none of it is shown. Not in what is shipped.
#[cfg(debug_assertions)]
fn fault_on_purpose() {
    if let Ok(message) = std::env::var("GREENLIGHT_TEST_PANIC") {
        panic!("{message}");
    }
}

fn eprint_line(text: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "{text}");
}
