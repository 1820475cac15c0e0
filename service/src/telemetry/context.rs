//! Trace context (<https://www.w3.org/TR/trace-context/>): read strictly, passed on as it came.
//!
//! A request's context follows its task as a task-local. A `tracing` span's extensions would need a subscriber that keeps
//! them, and the library installs none; an argument would have to go through every seam between a route and the provider.
//! A task-local is not inherited by `tokio::spawn`, where [`carry`] takes it along by name, nor by `spawn_blocking`, from
//! which nothing is called that could need it.

use std::fmt;

use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;
use uuid::Uuid;

/// The longest `tracestate` that is passed on, in bytes (§3.3.1.5 asks for at least 512).
pub const MAX_STATE_BYTES: usize = 8 * 1024;
/// The most members that a `tracestate` may have (§3.3.1.1).
pub const MAX_STATE_MEMBERS: usize = 32;

/// Where in which trace something happens. Made by parsing, or by beginning a trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    trace: [u8; 16],
    span: [u8; 8],
    flags: u8,
    state: Option<String>,
}

impl Context {
    /// Reads a `traceparent` (§3.2). A version that we do not know is read as far as it is like ours, which has to be.
    #[must_use]
    pub fn parse(parent: &str) -> Option<Self> {
        let (known, rest) = parent.split_at_checked(55)?;
        let mut parts = known.split('-');
        let (version, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let [version] = hex(version)?;
        let (trace, span, [flags]) = (hex(trace)?, hex(span)?, hex(flags)?);
        let ends_well = rest.is_empty() || (version > 0 && rest.starts_with('-'));
        let named = trace != [0; 16] && span != [0; 8];
        (version != 0xff && ends_well && named && parts.next().is_none()).then_some(Self {
            trace,
            span,
            // Of a later version only this one is known to mean what we know (§4.1).
            flags: if version == 0 { flags } else { flags & 1 },
            state: None,
        })
    }

    /// The same with a `tracestate`, unless that is malformed: then it is as if there were none (§3.3.1).
    #[must_use]
    pub fn with_state(mut self, state: &str) -> Self {
        self.state = is_state(state).then(|| state.to_owned());
        self
    }

    /// The beginning of a trace that nobody has heard of.
    #[must_use]
    pub fn begun() -> Self {
        Self {
            trace: Uuid::new_v4().into_bytes(),
            span: fresh_span(),
            flags: 0,
            state: None,
        }
    }

    /// What happens within this one: the same trace under a name of its own.
    #[must_use]
    pub fn child(&self) -> Self {
        Self {
            span: fresh_span(),
            ..self.clone()
        }
    }

    /// The trace, as 32 hexadecimal digits.
    #[must_use]
    pub fn trace_id(&self) -> String {
        digits(&self.trace)
    }

    /// The span, as 16 hexadecimal digits.
    #[must_use]
    pub fn span_id(&self) -> String {
        digits(&self.span)
    }

    /// The value of `tracestate` to pass on.
    #[must_use]
    pub fn state(&self) -> Option<&str> {
        self.state.as_deref()
    }

    fn exported(&self) -> SpanContext {
        let state = self.state().and_then(|state| state.parse::<TraceState>().ok());
        SpanContext::new(
            TraceId::from_bytes(self.trace),
            SpanId::from_bytes(self.span),
            TraceFlags::new(self.flags),
            true,
            state.unwrap_or_default(),
        )
    }

    /// What is exported of a span; none when nothing is.
    fn of_exported(span: &Span) -> Option<Self> {
        let context = span.context();
        let context = context.span().span_context().clone();
        context.is_valid().then(|| Self {
            trace: context.trace_id().to_bytes(),
            span: context.span_id().to_bytes(),
            flags: context.trace_flags().to_u8(),
            state: Some(context.trace_state().header()).filter(|state| !state.is_empty()),
        })
    }
}

/// As `traceparent` says it.
impl fmt::Display for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{}-{}-{:02x}", self.trace_id(), self.span_id(), self.flags)
    }
}

tokio::task_local! {
    static CURRENT: Context;
}

/// Begins the span of a request: within the trace that its client named, else in a trace of its own. When spans are exported,
/// the exporter says how the span is called.
#[must_use]
pub fn begin(span: &Span, parent: Option<Context>) -> Context {
    if let Some(parent) = &parent {
        let remote = opentelemetry::Context::new().with_remote_span_context(parent.exported());
        // An error means that nothing is exported.
        let _ = span.set_parent(remote);
    }
    Context::of_exported(span).unwrap_or_else(|| parent.map_or_else(Context::begun, |parent| parent.child()))
}

/// What a call to somebody else, whose span this is, says about where it comes from; none outside of a request.
#[must_use]
pub fn outgoing(span: &Span) -> Option<Context> {
    Context::of_exported(span).or_else(|| CURRENT.try_with(Context::child).ok())
}

/// Does something within this context.
pub async fn within<T>(context: Context, work: impl Future<Output = T>) -> T {
    CURRENT.scope(context, work).await
}

/// The same work, to be spawned: within the context of whoever spawns it.
pub fn carry<T>(work: impl Future<Output = T>) -> impl Future<Output = T> {
    let context = CURRENT.try_with(Clone::clone).ok();
    async move {
        match context {
            Some(context) => within(context, work).await,
            None => work.await,
        }
    }
}

fn fresh_span() -> [u8; 8] {
    let (high, low) = Uuid::new_v4().as_u64_pair();
    // Sixty-one bits of each are random, and no span may be called zero.
    (high ^ low).max(1).to_be_bytes()
}

fn digits(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |half: u8| char::from(DIGITS[usize::from(half & 0xf)]);
    let mut text = String::with_capacity(2 * bytes.len());
    text.extend(bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]));
    text
}

/// Lower-case hexadecimal digits, exactly enough of them (§3.2.2).
fn hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let mut bytes = [0; N];
    let pairs = text.as_bytes().chunks(2);
    if text.len() != 2 * N {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(pairs) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}

/// Whether this is a list of members with keys that differ (§3.3.1). Members may be empty.
fn is_state(state: &str) -> bool {
    if state.len() > MAX_STATE_BYTES {
        return false;
    }
    let members = state.split(',').map(|member| member.trim_matches([' ', '\t']));
    let mut keys = Vec::new();
    for member in members.filter(|member| !member.is_empty()) {
        let Some((key, value)) = member.split_once('=') else {
            return false;
        };
        if !is_key(key) || !is_value(value) || keys.contains(&key) || keys.len() == MAX_STATE_MEMBERS {
            return false;
        }
        keys.push(key);
    }
    !keys.is_empty()
}

/// One name, or a tenant and a system.
fn is_key(key: &str) -> bool {
    let part = |part: &str, longest: usize| {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-*/".contains(&byte);
        (1..=longest).contains(&part.len())
            && part.bytes().all(plain)
            && !part.starts_with(['_', '-', '*', '/'])
    };
    match key.split_once('@') {
        None => part(key, 256) && key.starts_with(|first: char| first.is_ascii_alphanumeric()),
        Some((tenant, system)) => {
            part(tenant, 241)
                && part(system, 14)
                && system.starts_with(|first: char| first.is_ascii_lowercase())
        }
    }
}

fn is_value(value: &str) -> bool {
    (1..=256).contains(&value.len())
        && value
            .bytes()
            .all(|byte| (0x20..=0x7e).contains(&byte) && byte != b'=')
}

#[cfg(test)]
#[path = "context_tests.rs"]
mod tests;
