//! What is counted, and where it can be read.

use reqwest::Client;
use serde_json::json;

use super::{WORDS, orchestrate, refusing, token};
use crate::binary::Binary;
use crate::support::start_against;

/// The lines of the metrics that begin like this.
async fn counted(address: &str, beginning: &str) -> Vec<String> {
    let text = reqwest::get(address).await.unwrap().text().await.unwrap();
    assert!(text.ends_with("# EOF\n"), "{text}");
    let lines = text.lines().filter(|line| line.starts_with(beginning));
    lines.map(str::to_owned).collect()
}

#[tokio::test]
async fn metrics_are_on_a_listener_of_their_own_and_have_few_labels_whatever_is_sent() {
    let binary = Binary::start(&["--metrics-listen", "127.0.0.1:0"], &[]);
    let said = binary.said.iter().find_map(|line| line.strip_prefix("metrics: "));
    let metrics = said.unwrap_or_else(|| panic!("{:?}", binary.said)).to_owned();
    let client = Client::builder().no_proxy().build().unwrap();
    for public in [
        format!("http://{}/metrics", binary.address),
        format!("{}/metrics", binary.base_url()),
    ] {
        assert_eq!(client.get(public).send().await.unwrap().status(), 404);
    }
    let other = metrics.replace("/metrics", "/api/v3/health");
    assert_eq!(client.get(other).send().await.unwrap().status(), 404);
    assert_eq!(
        client
            .get(format!("{}/livez", binary.base_url()))
            .send()
            .await
            .unwrap()
            .status(),
        200
    );
    let answer = orchestrate(&binary, &token(), &json!({"text": WORDS}))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    for number in 0..50 {
        let odd = reqwest::Method::from_bytes(format!("ODD{number}").as_bytes()).unwrap();
        let address = format!("{}/no/such/{number}?q={number}", binary.base_url());
        assert_eq!(client.request(odd, address).send().await.unwrap().status(), 404);
    }
    let requests = counted(&metrics, "orchestrate_http_requests_total").await;
    for line in [
        "{method=\"GET\",route=\"/api/v3/livez\",status=\"2xx\"} 1",
        "{method=\"POST\",route=\"/api/v3/ai/orchestrate\",status=\"2xx\"} 1",
        "{method=\"GET\",route=\"none\",status=\"4xx\"} 2",
        "{method=\"other\",route=\"none\",status=\"4xx\"} 50",
    ] {
        assert!(
            requests.iter().any(|written| written.ends_with(line)),
            "{line}: {requests:?}"
        );
    }
    assert_eq!(requests.len(), 4, "{requests:?}");
    for one in [
        "orchestrate_http_request_duration_seconds_count{method=\"GET\",route=\"/api/v3/livez\",status=\"2xx\"} 1",
        "orchestrate_http_requests_in_flight 0",
        "orchestrate_provider_call_duration_seconds_count{operation=\"concepts\",outcome=\"ok\"} 1",
        "orchestrate_build_info{version=",
        "orchestrate_start_time_seconds ",
    ] {
        assert_eq!(counted(&metrics, one).await.len(), 1, "{one}");
    }
}

#[tokio::test]
async fn what_the_database_and_the_provider_did_is_counted_by_what_came_of_it() {
    let provider = refusing().await;
    let service = start_against(&provider).await;
    let text = json!({"text": "Good fish."});
    assert_eq!(service.orchestrate(&text).send().await.unwrap().status(), 502);
    assert_eq!(
        service.request("GET", "/ready").send().await.unwrap().status(),
        200
    );
    let text = service.running.metrics().text();
    for line in [
        "orchestrate_provider_call_duration_seconds_count{operation=\"concepts\",outcome=\"provider_credentials_refused\"} 1",
        "orchestrate_database_call_duration_seconds_count{operation=\"check\",outcome=\"ok\"} 1",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
}
