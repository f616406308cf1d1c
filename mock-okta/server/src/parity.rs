//! The parity table: what of Okta's API the mock org answers, as Markdown.

use crate::route::{ABSENT, ENDPOINTS, Parity};

/// Returns the table, made from the endpoints the server has. `PARITY.md` is this text.
pub fn parity() -> String {
    let mut text = String::from(HEAD);
    for endpoint in ENDPOINTS {
        let parity = match endpoint.parity {
            Parity::Full => "full",
            Parity::Subset => "subset",
        };
        text.push_str(&format!("| `{} {}` | {parity} | {} |\n", endpoint.method, endpoint.pattern, endpoint.note));
    }
    for (method, pattern) in ABSENT {
        text.push_str(&format!("| `{method} {pattern}` | absent | |\n"));
    }
    text.push_str(TAIL);
    text
}

const HEAD: &str = "\
# What the mock org answers

Made from the server's own table of endpoints; a test holds this page to it. *full*: as Okta documents it, for what a mock
org holds. *subset*: less than that, as the note says. *absent*, and everything not listed: Okta's 404, `E0000008`. A
method that a listed path does not have: Okta's 405, `E0000022`.

| endpoint | parity | note |
|---|---|---|
";

const TAIL: &str = "
Beside the API there is the mock's own control, with the same token but for `health`:

| endpoint | does |
|---|---|
| `GET /_mock/health` | says that the org is up |
| `POST /_mock/reset` | begins again with the seed |
| `GET /_mock/snapshot`, `PUT /_mock/snapshot` | writes the state down; brings it back, in this process or another with the same seed |
| `GET /_mock/clock`, `POST /_mock/clock/advance` | tells the org's time; sets it ahead by `{\"seconds\": N}` |
| `GET /_mock/journal` | the exchanges with service providers, `?after=ID&limit=N` |
| `GET`, `POST`, `DELETE /_mock/faults` | what goes wrong on the way: `{\"kind\": \"delay\" or \"drop-request\" or \"drop-answer\" or \"status\", \"milliseconds\", \"status\", \"retryAfter\", \"times\", \"app\", \"method\", \"path\"}` |
| `GET /_mock/tasks`, `POST /_mock/tasks/{taskId}/retry` | what provisioning left to the administrator, for which Okta has no API |
| `POST /_mock/import` | \"Import now\": `{\"app\", \"scope\": \"everything\" or \"users\" or \"groups\"}`; the ids of the jobs and, where calls wait for provisioning, the counters |
| `GET /_mock/import?app=ID&limit=N`, `POST /_mock/import/confirm` | the counters of the last import and who waits to be confirmed; confirms who matches one person, or `{\"everybody\": true}`, or `{\"user\": ID, \"as\": person or \"new\" or \"ignore\"}` |
| `POST /_mock/push` | \"Push now\": `{\"app\", \"group\"}` |
| `GET /_mock/flows`, `/_mock/flows/{name}/runs`, `/_mock/flows/{name}/runs/{id}` | the flows of the seed, their latest runs, `?limit=N`; a run with every request and answer, and the SCIM requests of the same transaction |
| `GET /_mock/hooks` | the event hooks and what became of their requests, each attempt with its answer, `?after=ID&limit=N` |
| `PUT /_mock/hooks/behaviour` | how event hooks are delivered: `{\"batch\": N, \"gather\": MILLISECONDS, \"delay\": MILLISECONDS, \"duplicates\": PERCENT, \"shuffle\": true, \"seed\": N}` |
| `GET /_mock/jobs`, `POST /_mock/settle` | what is still to be done; waits until it is, `?timeout=SECONDS` |
";
