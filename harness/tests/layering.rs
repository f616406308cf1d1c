//! The packages depend on each other as the design says, and on nothing the design keeps from them.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// Which packages of ours each package may depend on at run time. Tests may lean on more.
const ARROWS: &[(&str, &[&str])] = &[
    ("mock-okta", &["scim-lang"]),
    ("mock-okta-server", &["mock-okta", "scim-record", "scim-transport"]),
    (
        "rehearsal",
        &[
            "mock-okta",
            "mock-okta-server",
            "rehearsal-reports",
            "scim-fuzz",
            "scim-lang",
            "scim-record",
            "scim-specimen",
            "scim-suite",
            "scim-transport",
        ],
    ),
    ("rehearsal-reports", &["scim-record"]),
    ("scim-fuzz", &["scim-lang"]),
    ("scim-lang", &[]),
    ("scim-record", &[]),
    ("scim-specimen", &["scim-lang"]),
    ("scim-suite", &["mock-okta", "scim-lang"]),
    ("scim-transport", &["scim-record"]),
];

/// Packages that do input and output; the others take values and return values.
const AT_THE_EDGE: &[&str] = &["mock-okta-server", "rehearsal", "scim-specimen", "scim-transport"];

/// Crates that only a package at the edge may use.
const NETWORK: &[&str] = &["axum", "hyper", "reqwest", "tokio"];

#[test]
fn our_packages_depend_on_each_other_as_designed() {
    let designed: BTreeMap<&str, BTreeSet<&str>> =
        ARROWS.iter().map(|(package, uses)| (*package, uses.iter().copied().collect())).collect();
    let found = dependencies();
    let packages: BTreeSet<&str> = found.keys().map(String::as_str).collect();
    assert_eq!(packages, designed.keys().copied().collect(), "the packages of the workspace");
    for (package, uses) in &found {
        let ours: BTreeSet<&str> = uses.iter().map(String::as_str).filter(|name| designed.contains_key(name)).collect();
        let may = &designed[package.as_str()];
        assert!(ours.is_subset(may), "{package} depends on {ours:?}, the design allows {may:?}");
    }
}

#[test]
fn only_packages_at_the_edge_touch_the_network() {
    for (package, uses) in dependencies() {
        if AT_THE_EDGE.contains(&package.as_str()) {
            continue;
        }
        let network: Vec<_> = uses.iter().filter(|name| NETWORK.contains(&name.as_str())).collect();
        assert!(network.is_empty(), "{package} takes values and returns values, yet depends on {network:?}");
    }
}

#[test]
fn the_arrows_have_no_cycle() {
    let mut remaining = dependencies();
    while !remaining.is_empty() {
        let names: BTreeSet<String> = remaining.keys().cloned().collect();
        let before = remaining.len();
        remaining.retain(|_, uses| uses.iter().any(|name| names.contains(name)));
        assert!(remaining.len() < before, "a cycle among {names:?}");
    }
}

/// Returns the run-time and build dependencies of every package of the workspace.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--no-deps", "--manifest-path"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml"))
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON");
    let list = |value: &Value| value.as_array().expect("an array").clone();
    let name = |value: &Value| value["name"].as_str().expect("a name").to_owned();
    list(&metadata["packages"])
        .iter()
        .map(|package| {
            let uses = list(&package["dependencies"])
                .iter()
                .filter(|dependency| dependency["kind"] != "dev")
                .map(name)
                .collect();
            (name(package), uses)
        })
        .collect()
}
