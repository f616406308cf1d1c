//! The laws that take more than queries: pages, changes, newcomers.

use super::super::lane::Lane;
use super::super::{Breach, Judgement};
use super::Filter;
use super::ask::{Isolation, List, Outcome};
use crate::client::{Stop, encode};
use crate::gate::Kind as Nature;
use scim_fuzz::filter::{Kind, Law, Query};
use scim_lang::filter::{CompareOp, Filter as Expression};
use scim_lang::path::AttrPath;
use scim_lang::urn;
use scim_record::Level;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

impl Filter {
    pub(super) async fn perform(
        &self,
        lane: &Lane<'_>,
        kind: Kind,
        law: Law,
        operands: &[Expression],
    ) -> Result<Judgement, Stop> {
        match (law, operands) {
            (Law::Pages, [filter]) => self.turn_pages(lane, kind, filter).await,
            (Law::Changed, [Expression::Compare { path, value: Value::String(value), .. }]) => {
                self.change(lane, kind, path, value).await
            }
            (Law::Added, [filter]) => self.add(lane, kind, filter).await,
            _ => Ok(Judgement::Unsupported(format!("{} with these operands", law.id()))),
        }
    }

    /// MR-F16. RFC 7644 §3.4.2.4 promises no stable order, so that this is a recommendation.
    async fn turn_pages(&self, lane: &Lane<'_>, kind: Kind, filter: &Expression) -> Result<Judgement, Stop> {
        // Other cases create and remove people, so that nothing but the population is quiet.
        if !self.can_isolate {
            return Ok(Judgement::Unsupported("the condition that tells the population from others".to_owned()));
        }
        let query = Query::plain(filter.clone());
        let whole = match self.ask_isolated(lane, kind, &query, Isolation::ByServer).await? {
            Outcome::Found(whole) if whole.is_whole => whole,
            _ => return Ok(Judgement::Holds),
        };
        let mut seen: Vec<String> = Vec::new();
        let wanted = whole.ids.len();
        for _ in 0..=wanted {
            let options = [("startIndex", (seen.len() + 1).to_string()), ("count", PAGE.to_string())];
            let page = match self.ask_page(lane, kind, &query, &options).await? {
                Outcome::Found(page) => page,
                _ => return Ok(Judgement::Unsupported("pages of filtered lists".to_owned())),
            };
            if page.total != whole.total {
                let message = format!("the total is {} without pages and {} with them", whole.total, page.total);
                return Ok(pages_breach(message));
            }
            if page.ids.is_empty() || seen.len() >= wanted {
                break;
            }
            seen.extend(page.ids);
        }
        let (once, all): (BTreeSet<&String>, BTreeSet<&String>) = (seen.iter().collect(), whole.ids.iter().collect());
        Ok(match () {
            () if seen.len() > once.len() => pages_breach(format!("{} are on two pages", seen.len() - once.len())),
            () if once != all => pages_breach(format!("the pages have {}, the whole has {}", once.len(), all.len())),
            () => Judgement::Holds,
        })
    }

    /// MR-F19.
    async fn change(&self, lane: &Lane<'_>, kind: Kind, path: &AttrPath, value: &str) -> Result<Judgement, Stop> {
        let before = format!("{value}-before-{}", lane.number());
        let after = format!("{value}-after-{}", lane.number());
        let Some(id) = self.newcomer(lane, kind, Some((path, &before))).await? else {
            return Ok(Judgement::Unsupported(format!("another resource at {}", kind.endpoint())));
        };
        let judged = self.change_newcomer(lane, kind, path, &id, (&before, &after)).await;
        remove(lane, kind, &id).await?;
        judged
    }

    async fn change_newcomer(
        &self,
        lane: &Lane<'_>,
        kind: Kind,
        path: &AttrPath,
        id: &str,
        (before, after): (&str, &str),
    ) -> Result<Judgement, Stop> {
        let body = json!({
            "schemas": [urn::PATCH_OP],
            "Operations": [{ "op": "replace", "path": path.to_string(), "value": after }],
        });
        let target = format!("{}/{}", kind.endpoint(), encode(id));
        let request = lane.request("PATCH", target.clone(), Some(body.to_string().into()));
        let reply = lane.send(request).await?;
        let shown = lane.send(lane.request("GET", target, None)).await?;
        let shown: Value = serde_json::from_slice(&shown.body).unwrap_or_default();
        // Whether a PATCH does what it says is another search's business.
        if !(200..300).contains(&reply.status) || shown[&path.name].as_str() != Some(after) {
            return Ok(Judgement::Unsupported(format!("PATCH of {path}")));
        }
        let is_found = async |value: &str| {
            let filter = Expression::compare(path.clone(), CompareOp::Eq, value);
            self.finds(lane, kind, &filter, id).await
        };
        let started = Instant::now();
        loop {
            let (by_old, by_new) = (is_found(before).await?, is_found(after).await?);
            let message = match (by_old, by_new) {
                (None, _) | (_, None) => return Ok(Judgement::Unsupported(format!("filters by {path}"))),
                (Some(false), Some(true)) => return Ok(Judgement::Holds),
                (Some(true), _) => format!("{path} was changed, and its old value still finds the resource"),
                (_, Some(false)) => format!("{path} was changed, and its new value does not find the resource"),
            };
            if started.elapsed() >= self.settle {
                return Ok(law_breach(Law::Changed, format!("filters by {path} after a change"), message, None));
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Returns whether a filter finds a resource; nothing if the server does not take the filter.
    async fn finds(&self, lane: &Lane<'_>, kind: Kind, filter: &Expression, id: &str) -> Result<Option<bool>, Stop> {
        Ok(match self.ask_verbatim(lane, kind, &filter.to_string()).await? {
            Outcome::Found(list) => Some(list.ids.iter().any(|found| found == id)),
            _ => None,
        })
    }

    /// MR-F20.
    async fn add(&self, lane: &Lane<'_>, kind: Kind, filter: &Expression) -> Result<Judgement, Stop> {
        let directory = self.inputs.world().directory(kind);
        let query = Query::plain(filter.clone());
        let Outcome::Found(before) = self.ask(lane, kind, &query).await? else { return Ok(Judgement::Holds) };
        let Some(id) = self.newcomer(lane, kind, None).await? else {
            return Ok(Judgement::Unsupported(format!("another resource at {}", kind.endpoint())));
        };
        let after = self.ask(lane, kind, &query).await;
        remove(lane, kind, &id).await?;
        let Outcome::Found(after) = after? else { return Ok(Judgement::Holds) };
        let among = |list: &List| list.places(directory);
        if !before.is_whole || !after.is_whole || among(&before) == among(&after) {
            return Ok(Judgement::Holds);
        }
        let message = format!(
            "{} of the same resources were found before another was created, {} after",
            among(&before).len(),
            among(&after).len()
        );
        Ok(law_breach(Law::Added, "filters after a resource was created".to_owned(), message, None))
    }

    /// Creates a resource of the lane's own; it is not one of the population.
    async fn newcomer(
        &self,
        lane: &Lane<'_>,
        kind: Kind,
        with: Option<(&AttrPath, &str)>,
    ) -> Result<Option<String>, Stop> {
        let mut body = match kind {
            Kind::Users => json!({ "schemas": [urn::USER], "userName": lane.name("own@example.com") }),
            Kind::Groups => json!({ "schemas": [urn::GROUP], "displayName": lane.name("own") }),
        };
        if let Some((path, value)) = with {
            body[&path.name] = value.into();
        }
        let request = lane.request("POST", kind.endpoint(), Some(body.to_string().into()));
        let reply = lane.send(request).await?;
        let created: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
        let id = created["id"].as_str().map(str::to_owned);
        Ok(id.filter(|_| (200..300).contains(&reply.status)))
    }
}

async fn remove(lane: &Lane<'_>, kind: Kind, id: &str) -> Result<(), Stop> {
    // Where the server has no DELETE, clean-up finds another way.
    lane.send_aside(lane.request("DELETE", format!("{}/{}", kind.endpoint(), encode(id)), None)).await.map(|_| ())
}

fn pages_breach(message: String) -> Judgement {
    law_breach(Law::Pages, "pages of filtered lists".to_owned(), message, Some(Level::Should))
}

fn law_breach(law: Law, identity: String, message: String, level: Option<Level>) -> Judgement {
    Judgement::Broken(Box::new(Breach {
        law: law.id(),
        identity,
        message: format!("{message}; but {}", law.sentence()),
        expected: Some(law.sentence().to_owned()),
        actual: None,
        level,
        kind: Nature::Expectation,
    }))
}

/// How many resources are on one of several pages.
const PAGE: usize = 3;
const PAUSE: Duration = Duration::from_millis(100);
