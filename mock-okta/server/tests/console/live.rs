//! The stream of events.

use std::time::Duration;

use reqwest::{Method, Response};
use tokio::time::timeout;

use super::client::Stage;
use super::visitor::Visitor;

/// A stream that is open.
struct Live {
    response: Response,
    text: String,
}

impl Live {
    async fn open(visitor: &Visitor, query: &str, last: Option<&str>) -> Live {
        let request = visitor.request(Method::GET, &format!("/console/events{query}"));
        let request = last.map_or(request.try_clone(), |last| Some(request.header("last-event-id", last)));
        let response = request.expect("a request").send().await.expect("an answer");
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Live { response, text: String::new() }
    }

    /// Reads until a text has come.
    async fn until(&mut self, wanted: &str) -> &str {
        let reading = async {
            while !self.text.contains(wanted) {
                let chunk = self.response.chunk().await.expect("a chunk").expect("the stream goes on");
                self.text.push_str(&String::from_utf8_lossy(&chunk));
            }
        };
        let read = timeout(Duration::from_secs(20), reading).await;
        assert!(read.is_ok(), "{wanted} never came: {}", self.text);
        &self.text
    }

    /// Returns the ids of the events so far.
    fn ids(&self) -> Vec<u64> {
        self.text.lines().filter_map(|line| line.strip_prefix("id: ")?.parse().ok()).collect()
    }
}

#[tokio::test]
async fn what_happens_arrives_and_a_broken_stream_goes_on() {
    let stage = Stage::start().await;
    let visitor = Visitor::signed_in(&stage).await;
    let mut live = Live::open(&visitor, "", None).await;
    let ada = stage.person("ada@example.com").await;
    let text = live.until("Activate Okta user").await;
    assert!(text.contains("event: entry") && text.contains("ada Example"), "{text}");
    stage.assign(&ada).await.expect(200);
    live.until("<b class=\"method\">POST</b>").await;
    live.until("event: status").await;
    let ids = live.ids();
    assert!(ids.windows(2).all(|pair| pair[0] < pair[1]), "{ids:?}");
    drop(live);

    let (first, last) = (ids[0], ids[ids.len() - 1]);
    let mut again = Live::open(&visitor, "", Some(&first.to_string())).await;
    again.until(&format!("id: {last}\n")).await;
    assert_eq!(again.ids(), ids[1..], "none twice, none left out");

    let mut filtered = Live::open(&visitor, &format!("?type=application.&after={first}"), None).await;
    filtered.until(&format!("id: {last}\n")).await;
    assert!(!filtered.text.contains("Create Okta user"), "{}", filtered.text);
}

#[tokio::test]
async fn who_is_far_behind_or_in_another_org_loads_the_page() {
    let stage = Stage::start().await;
    let visitor = Visitor::signed_in(&stage).await;
    Live::open(&visitor, "?after=999999", None).await.until("event: reload").await;
    let mut live = Live::open(&visitor, "", None).await;
    live.until("event: status").await;
    stage.call("POST", "/_mock/reset", None).await.expect(204);
    live.until("event: reload").await;
    stage.person("ada@example.com").await;
    live.until("Activate Okta user").await;
}

#[tokio::test]
async fn there_are_only_so_many_streams_and_one_that_ends_makes_room() {
    let stage = Stage::start().await;
    let visitor = Visitor::signed_in(&stage).await;
    let mut open = Vec::new();
    for _ in 0..32 {
        open.push(Live::open(&visitor, "", None).await);
    }
    assert_eq!(visitor.get("/console/events").await.status, 503);
    open.clear();
    let freed = async {
        loop {
            let request = visitor.request(Method::GET, "/console/events").send();
            if request.await.expect("an answer").status() == 200 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    assert!(timeout(Duration::from_secs(20), freed).await.is_ok(), "no room after the streams ended");
}
