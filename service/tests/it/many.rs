//! A library without process globals: many services in one process, none of which sees another.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::{json as read, start};

#[tokio::test]
async fn a_hundred_services_run_in_one_process() {
    let mut services = Vec::new();
    for _ in 0..100 {
        services.push(start().await);
    }
    let mut instances = BTreeSet::new();
    for service in &services {
        let (status, health) = read(service.request("GET", "/health").send().await.unwrap()).await;
        assert_eq!(status, 200, "{health}");
        instances.insert(health["instance"].as_str().unwrap().to_owned());
    }
    assert_eq!(instances.len(), services.len());
    let keep = json!({"text": "Good fish.", "output": {"save_to_db": true, "return_results": true}});
    let (_, kept): (u16, Value) = read(services[0].orchestrate(&keep).send().await.unwrap()).await;
    assert_eq!(kept["saved_to_db"], true);
    for service in services {
        service.running.shutdown().await.unwrap();
    }
}
