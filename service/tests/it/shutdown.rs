//! Stopping: requests in flight finish, and the port is free afterwards.

use std::time::Duration;

use orchestrate::config::ProviderChoice;
use orchestrate::providers::simulator::SimulatorSettings;
use serde_json::json;

use crate::support::{settings, start_with};

#[tokio::test]
async fn a_request_in_flight_is_answered_before_the_service_stops() {
    let mut settings = settings();
    settings.provider = ProviderChoice::Simulator(SimulatorSettings {
        latency: Duration::from_millis(300),
        ..SimulatorSettings::default()
    });
    let service = start_with(settings).await;
    let address = service.running.address();
    let (started, begun) = tokio::sync::oneshot::channel();
    let request = service.orchestrate(&json!({"text": "Good fish."}));
    let in_flight = tokio::spawn(async move {
        let pending = request.send();
        let _ = started.send(());
        pending.await
    });
    begun.await.unwrap();
    // Until the simulator was asked nothing is in flight; a health answer on a second connection comes later.
    while service.request("GET", "/health").send().await.unwrap().status() != 200 {}
    tokio::task::yield_now().await;
    service.running.shutdown().await.unwrap();
    assert_eq!(in_flight.await.unwrap().unwrap().status(), 200);
    assert!(
        tokio::net::TcpStream::connect(address).await.is_err(),
        "the port is still taken"
    );
}
