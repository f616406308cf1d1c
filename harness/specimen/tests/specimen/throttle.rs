//! Too many requests.

use std::num::NonZeroU64;

use scim_specimen::Config;
use serde_json::Value;

use crate::client::{Client, ada};

#[tokio::test]
async fn the_nth_write_is_refused_and_its_repetition_served() {
    let config = Config { throttle: NonZeroU64::new(2), ..Config::default() };
    let client = Client::start_with(config).await;
    assert_eq!(client.post("/Users", ada("ada")).await.status, 201);
    // Reading is not writing, and what is not let in does not count.
    assert_eq!(client.lookup("bob").await.status, 200);
    assert_eq!(client.with(("authorization", "x"), "POST", "/Users", Value::Null).await.status, 401);
    let refused = client.post("/Users", ada("bob")).await;
    refused.refused(429, "");
    assert_eq!(refused.header("retry-after"), "1");
    assert_eq!(client.post("/Users", ada("bob")).await.status, 201);
    assert_eq!(client.post("/Users", ada("eve")).await.status, 201);
}

#[tokio::test]
async fn scim_1_1_is_throttled_with_it() {
    let config = Config { throttle: NonZeroU64::new(1), ..Config::default() };
    let client = Client::start_with(config).await;
    let refused = client.v1("PATCH", "/Users/x", Value::Null).await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, "1"));
    assert_eq!(refused.json["Errors"][0]["code"], "429");
}
