//! Stopping: requests in flight finish, and the port is free afterwards.

use std::sync::Arc;

use serde_json::json;
use tokio::sync::Notify;

use crate::support::{Behaviour, start_bad};

#[tokio::test]
async fn a_request_in_flight_is_answered_before_the_service_stops() {
    let (arrived, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let service = start_bad(Behaviour::Waits(arrived.clone(), go_on.clone())).await;
    let address = service.running.address();
    let in_flight = tokio::spawn(service.orchestrate(&json!({"text": "Good fish."})).send());
    arrived.notified().await;
    let stopping = tokio::spawn(service.running.shutdown());
    // The listener closes first: that is how the stop is seen to have begun.
    while tokio::net::TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    go_on.notify_one();
    assert_eq!(in_flight.await.unwrap().unwrap().status(), 503);
    stopping.await.unwrap().unwrap();
}
