//! What a client's error means for the exchange.
//!
//! reqwest wraps the errors of hyper-util's client, which wraps hyper's; the words of the innermost ones are kept, those
//! about the clients' own workings are not.

use crate::Limits;
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::Connected;
use scim_record::Failure;
use std::error::Error;
use std::io;

/// Returns the connection on which an error occurred; without one, nothing was sent.
pub(crate) fn connection<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a Connected> {
    sources(error).find_map(|source| source.downcast_ref::<legacy::Error>())?.connect_info()
}

/// Tells what an error means that kept a connection from coming about.
pub(crate) fn unreachable(error: &(dyn Error + 'static), limits: &Limits) -> Failure {
    let cause = match cause(error) {
        _ if is_timeout(error) => format!("no connection within {} ms", limits.connection_time().as_millis()),
        cause if is_handshake(error) => format!("TLS: {cause}"),
        cause => cause,
    };
    Failure::Unreachable { cause }
}

/// Tells what an error on an open connection means.
pub(crate) fn broken(error: &(dyn Error + 'static), limits: &Limits) -> Failure {
    match sources(error).find_map(|source| source.downcast_ref::<hyper::Error>()) {
        Some(error) if error.is_parse_too_large() => head_too_large(limits),
        Some(error) if error.is_parse() => {
            Failure::Broken { cause: format!("what came back is not HTTP/1.1: {error}") }
        }
        _ => Failure::Broken { cause: cause(error) },
    }
}

/// Says that a head passed its bounds.
pub(crate) fn head_too_large(limits: &Limits) -> Failure {
    Failure::TooLarge {
        cause: format!("its head has more than {} headers or {} bytes", limits.header_count(), limits.header_bytes()),
    }
}

/// Says that a body passed its bound.
pub(crate) fn body_too_large(limit: usize) -> Failure {
    Failure::TooLarge { cause: format!("its body is longer than {limit} bytes") }
}

/// Keeps the status in a failure that came behind it.
pub(crate) fn after(status: http::StatusCode, failure: Failure) -> Failure {
    match failure {
        Failure::Broken { cause } => Failure::Broken { cause: format!("after status {}: {cause}", status.as_u16()) },
        other => other,
    }
}

/// Tells whether the connection ended, rather than brought something wrong.
pub(crate) fn is_end_of_connection(error: &(dyn Error + 'static)) -> bool {
    sources(error).any(|source| {
        source.is::<io::Error>()
            || source.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_incomplete_message)
    })
}

/// Tells whether the time ran out, rather than the connection failed.
pub(crate) fn is_timeout(error: &(dyn Error + 'static)) -> bool {
    sources(error).any(|source| {
        source.downcast_ref::<reqwest::Error>().is_some_and(reqwest::Error::is_timeout)
            || source.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::TimedOut)
    })
}

/// hyper-rustls hands on what failed in a handshake as it is; what failed in TCP comes in a type of its own.
fn is_handshake(error: &(dyn Error + 'static)) -> bool {
    sources(error).find(|source| !is_wrapper(*source)).is_some_and(|source| source.is::<io::Error>())
}

fn cause(error: &(dyn Error + 'static)) -> String {
    let mut said: Vec<String> = Vec::new();
    for source in sources(error).filter(|source| !is_wrapper(*source)) {
        let text = source.to_string();
        if !said.iter().any(|earlier| earlier.contains(&text)) {
            said.push(text);
        }
    }
    said.join(": ")
}

fn is_wrapper(error: &(dyn Error + 'static)) -> bool {
    error.is::<reqwest::Error>() || error.is::<legacy::Error>()
}

fn sources<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error: &&'a (dyn Error + 'static)| (*error).source())
}
