//! A stack deep enough for work that recurses along what a stranger wrote.
//!
//! The parser and the validator recurse, and both are given bounds (`tree`, `bundle`); this is what the bounds were
//! chosen for. A stack overflow cannot be caught: it ends the process.

/// In bytes; reserved, and used only as far as it is needed. In a debug build a level of YAML takes about 30 KiB, of at
/// most 127 levels, and a step through schemas about 1 KiB, of at most 50,000 to compile them and, in a body nested
/// at most 128 deep, fewer to apply them.
const STACK: usize = 256 << 20;

/// Runs `work` on such a stack; `None` when it panicked or when there is no room for the stack.
pub(crate) fn deep<T: Send>(work: impl FnOnce() -> T + Send) -> Option<T> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, work)
            .ok()?;
        thread.join().ok()
    })
}
