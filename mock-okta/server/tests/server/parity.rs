//! The page that tells what is there.

use super::client::Stage;

#[test]
fn the_page_is_what_the_endpoints_say() {
    let page = include_str!("../../PARITY.md");
    assert!(
        page == mock_okta_server::parity(),
        "PARITY.md is out of date; write it by: cargo run -p mock-okta-server --example parity > mock-okta/server/PARITY.md"
    );
}

#[tokio::test]
async fn what_the_page_calls_absent_is_absent_and_the_rest_is_there() {
    let stage = Stage::start().await;
    let rows = mock_okta_server::parity();
    let mut counted = 0;
    for row in rows.lines().filter(|row| {
        row.starts_with("| `") && row.contains("| full |") || row.contains("| subset |") || row.contains("| absent |")
    }) {
        let endpoint = row.split('`').nth(1).expect("an endpoint");
        let (method, pattern) = endpoint.split_once(' ').expect("a method");
        let path: String = pattern.replace(['{', '}'], "");
        let answer = stage.send(method, &path, String::new()).await;
        let code = answer.json["errorCode"].as_str().unwrap_or_default();
        let is_absent = ["E0000008", "E0000022"].contains(&code);
        assert_eq!(is_absent, row.contains("| absent |"), "{row}: {}", answer.json);
        counted += 1;
    }
    assert!(counted > 60, "{counted}");
}
