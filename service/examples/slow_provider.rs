//! The provider simulator by itself, and slow: what `scripts/bench` has a service wait for while it measures what else that service
//! does meanwhile.
//!
//! `slow_provider MILLISECONDS` answers each paid call after so long, until it is stopped.

use std::error::Error;
use std::io::Write as _;
use std::time::Duration;

use orchestrate::providers::simulator::{Simulator, SimulatorSettings};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let latency = std::env::args()
        .nth(1)
        .ok_or("usage: slow_provider MILLISECONDS")?;
    let simulator = Simulator::start(SimulatorSettings {
        latency: Duration::from_millis(latency.parse()?),
        ..SimulatorSettings::default()
    })?;
    writeln!(std::io::stderr(), "ready: {}", simulator.base_url())?;
    std::future::pending().await
}
