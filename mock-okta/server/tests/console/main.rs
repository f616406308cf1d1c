//! The console over real HTTP: who gets in, what pages show, what forms do, what arrives live.

mod acts;
#[expect(dead_code, reason = "the tests of the API use the rest of it")]
#[path = "../server/client.rs"]
mod client;
#[expect(dead_code, reason = "the tests of event hooks use the rest of it")]
#[path = "../server/hook_receiver.rs"]
mod hook_receiver;
mod live;
mod outward;
mod pages;
mod sign_in;
mod visitor;
