//! Whether an answer is right, and if not, what is to blame.

use super::super::lane::Lane;
use super::super::{Breach, Judgement};
use super::Filter;
use super::ask::{List, Outcome};
use crate::client::Stop;
use crate::gate::Kind as Nature;
use scim_fuzz::filter::{
    Directory, Freedom, Kind, Law, Mistake, Places, Query, Spelling, Tier, Truth, Truths, Way, is_grammatical, parts,
};
use scim_lang::filter::Filter as Expression;
use scim_record::Level;
use std::collections::BTreeSet;

/// What an answer to a query is worth.
#[derive(Debug, Clone)]
enum Worth {
    /// It is right; these of the population were found.
    Right(Places),
    /// Somebody is missing, or too many, or the total does not fit.
    Wrong(Flaw),
    /// There is no answer to look at.
    Refused {
        status: u16,
    },
    Failed {
        status: u16,
    },
    Garbled {
        reason: String,
    },
}

impl Worth {
    /// Returns whether two answers are bad in the same way.
    fn is_like(&self, other: &Worth) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

/// What is wrong with a list.
#[derive(Debug, Clone)]
struct Flaw {
    missing: Places,
    extra: Places,
    /// Why the total cannot be right.
    total: Option<String>,
    found: Places,
}

impl Filter {
    pub(super) async fn judge_filter(
        &self,
        lane: &Lane<'_>,
        kind: Kind,
        filter: &Expression,
        spelling: &Spelling,
        way: Way,
    ) -> Result<Judgement, Stop> {
        let query = Query { spelling: spelling.clone(), way, ..Query::plain(filter.clone()) };
        match self.weigh_and_show(lane, kind, &query, |_| true).await? {
            Worth::Right(_) => Ok(Judgement::Holds),
            bad => self.find_culprit(lane, kind, query, bad).await,
        }
    }

    /// Asks all queries of a law; where one of the answers is wrong by itself, that is the finding.
    pub(super) async fn judge_law(
        &self,
        lane: &Lane<'_>,
        kind: Kind,
        law: Law,
        operands: &[Expression],
    ) -> Result<Judgement, Stop> {
        let directory = self.inputs.world().directory(kind);
        let queries = law.queries(directory, operands);
        let mut answers = Vec::with_capacity(queries.len());
        for query in &queries {
            if query.way == Way::Post && !self.inputs.world().has_search {
                answers.push(None);
                continue;
            }
            let may_stop = |worth: &Worth| !matches!(worth, Worth::Refused { .. }) || query.options.is_empty();
            match self.weigh_and_show(lane, kind, query, may_stop).await? {
                Worth::Right(found) => answers.push(Some(directory.ids(found))),
                // RFC 7644 §3.4.2.3: a server need not sort.
                Worth::Refused { .. } if !query.options.is_empty() => answers.push(None),
                bad => return self.find_culprit(lane, kind, query.clone(), bad).await,
            }
        }
        let Some(breach) = law.breach(directory, operands, &answers) else { return Ok(Judgement::Holds) };
        let texts: Vec<String> = queries.iter().map(|query| query.text(&directory.catalog.schema)).collect();
        Ok(broken(Breach {
            law: law.id(),
            // What is open in each answer is not open between them: the same defect as where it is not.
            identity: match law {
                Law::Urn => format!("{}: answered wrongly", Freedom::Urns.name()),
                _ => format!("{} ({})", law.id(), kind.endpoint()),
            },
            message: format!("{breach}; but {}", law.sentence()),
            expected: Some(law.sentence().to_owned()),
            actual: Some(told(directory, &texts, &answers)),
            level: (!law.is_binding(operands)).then_some(Level::Should),
            kind: Nature::Expectation,
        }))
    }

    pub(super) async fn judge_wrong(
        &self,
        lane: &Lane<'_>,
        kind: Kind,
        text: &str,
        mistake: Mistake,
    ) -> Result<Judgement, Stop> {
        let directory = self.inputs.world().directory(kind);
        let breach = |identity: String, message: String, level: Option<Level>, nature: Nature| {
            broken(Breach {
                law: "what-is-no-filter-is-refused",
                identity,
                message,
                expected: Some("400 with scimType invalidFilter (RFC 7644 §3.4.2.2, Table 9)".to_owned()),
                actual: None,
                level,
                kind: nature,
            })
        };
        Ok(match self.ask_verbatim(lane, kind, text).await? {
            Outcome::Failed { status } => breach(
                format!("wrong filters are answered {status}"),
                format!("a wrong filter ({}) is answered {status}", mistake.name),
                None,
                Nature::ServerFailure,
            ),
            Outcome::Found(list) if self.is_everybody(directory, kind, &list) => breach(
                "wrong filters are ignored".to_owned(),
                format!("a wrong filter ({}) is as good as none: everybody is found", mistake.name),
                None,
                Nature::Expectation,
            ),
            Outcome::Found(_) | Outcome::Garbled { .. } if mistake.tier == Tier::Free => Judgement::Holds,
            Outcome::Found(list) if mistake.may_find_nothing && list.ids.is_empty() => Judgement::Holds,
            // A reader who gives up and finds nobody does so with whatever is no filter.
            Outcome::Found(list) => breach(
                match list.ids.is_empty() && is_grammatical(text) {
                    true => format!("wrong filters find nobody ({:?})", mistake.tier),
                    false => format!("wrong filters are taken: {}", mistake.name),
                },
                format!(
                    "a wrong filter ({}) is answered {} with {} resources",
                    mistake.name,
                    list.status,
                    list.ids.len()
                ),
                (mistake.tier == Tier::Should).then_some(Level::Should),
                Nature::Expectation,
            ),
            Outcome::Garbled { reason } => breach(
                "wrong filters are answered with garbage".to_owned(),
                format!("a wrong filter ({}) is answered with 2xx, and {reason}", mistake.name),
                (mistake.tier == Tier::Should).then_some(Level::Should),
                Nature::Expectation,
            ),
            Outcome::Refused { status: 400, keyword } if mistake.tier != Tier::Free => match keyword.as_deref() {
                Some("invalidFilter") => Judgement::Holds,
                // An attribute that is not there is a wrong path to some, and a literal of another type a wrong value.
                Some("invalidPath" | "invalidValue") if !is_grammatical(text) => Judgement::Holds,
                other => breach(
                    "wrong filters are not called invalidFilter".to_owned(),
                    format!("the scimType is {}", other.unwrap_or("missing")),
                    Some(Level::Should),
                    Nature::Expectation,
                ),
            },
            Outcome::Refused { status: 501, .. } => Judgement::Unsupported("filters".to_owned()),
            Outcome::Refused { status: 400 | 413 | 414 | 429 | 431, .. } => Judgement::Holds,
            Outcome::Refused { status, .. } if mistake.tier == Tier::Must => breach(
                format!("wrong filters are answered {status}"),
                format!("a wrong filter ({}) is answered {status}", mistake.name),
                Some(Level::Should),
                Nature::Expectation,
            ),
            Outcome::Refused { .. } => Judgement::Holds,
        })
    }

    /// Returns whether a wrong filter has kept nobody out. It was made so that, however one reads it, it does not match
    /// the whole population.
    fn is_everybody(&self, directory: &Directory, kind: Kind, list: &List) -> bool {
        let ours = directory.resources.len();
        let all_of_ours = ours > 0 && list.places(directory).len() == ours;
        all_of_ours || self.totals[kind as usize].is_some_and(|total| total > 0 && list.total >= total)
    }

    /// Asks a query and judges its answer; where it is bad and counts, its exchanges are those that show the breach.
    async fn weigh_and_show(
        &self,
        lane: &Lane<'_>,
        kind: Kind,
        query: &Query,
        counts: impl Fn(&Worth) -> bool,
    ) -> Result<Worth, Stop> {
        let since = lane.kept_so_far();
        let worth = self.weigh(lane, kind, query).await?;
        if !matches!(worth, Worth::Right(_)) && counts(&worth) {
            lane.show(since);
        }
        Ok(worth)
    }

    /// Asks a query and judges its answer by the oracle.
    async fn weigh(&self, lane: &Lane<'_>, kind: Kind, query: &Query) -> Result<Worth, Stop> {
        let directory = self.inputs.world().directory(kind);
        Ok(match self.ask(lane, kind, query).await? {
            Outcome::Refused { status, .. } => Worth::Refused { status },
            Outcome::Failed { status } => Worth::Failed { status },
            Outcome::Garbled { reason } => Worth::Garbled { reason },
            Outcome::Found(list) => {
                let truths = directory.judge(&query.filter);
                let found = list.places(directory);
                // Whoever is not here may be on a page that the server does not give.
                let missing = if list.is_whole { truths.missing(found) } else { Places::default() };
                let extra = truths.extra(found);
                let total = total_flaw(&list, found);
                if missing.is_empty() && extra.is_empty() && total.is_none() {
                    Worth::Right(found)
                } else {
                    Worth::Wrong(Flaw { missing, extra, total, found })
                }
            }
        })
    }

    /// Looks for the smallest thing that goes wrong in the same way.
    async fn find_culprit(&self, lane: &Lane<'_>, kind: Kind, query: Query, bad: Worth) -> Result<Judgement, Stop> {
        let plain = Query::plain(query.filter.clone());
        if query == plain {
            return self.find_culprit_within(lane, kind, query.filter, bad).await;
        }
        let as_usual = self.weigh_and_show(lane, kind, &plain, |worth| worth.is_like(&bad)).await?;
        if as_usual.is_like(&bad) {
            return self.find_culprit_within(lane, kind, query.filter, as_usual).await;
        }
        self.blame_form(lane, kind, &query, &bad).await
    }

    /// The filter is answered rightly when it is written as usual: something about its form is to blame.
    async fn blame_form(&self, lane: &Lane<'_>, kind: Kind, query: &Query, bad: &Worth) -> Result<Judgement, Stop> {
        let directory = self.inputs.world().directory(kind);
        let mut form = ("the form of the query".to_owned(), true);
        if query.way == Way::Post {
            let other = Query { way: Way::Post, ..Query::plain(query.filter.clone()) };
            if self.weigh(lane, kind, &other).await?.is_like(bad) {
                form = ("queries by POST".to_owned(), true);
            }
        }
        if let Some((name, _)) = query.options.first() {
            form = (format!("filters together with {name}"), true);
        } else if query.lower_hex {
            form = ("escapes of the URL in lower case".to_owned(), true);
        } else if let Some(text) = &query.text {
            let freedom = if text.contains(&directory.catalog.schema) { Freedom::Urns } else { Freedom::Parentheses };
            form = (freedom.name().to_owned(), freedom.is_binding());
        }
        for freedom in &query.spelling.freedoms {
            let mut spelling = query.spelling.only(*freedom);
            if *freedom == Freedom::UrnCase && query.spelling.freedoms.contains(&Freedom::Urns) {
                // An attribute of the core has no URN otherwise.
                spelling.freedoms.push(Freedom::Urns);
            }
            let one = Query { spelling, ..Query::plain(query.filter.clone()) };
            if self.weigh(lane, kind, &one).await?.is_like(bad) {
                form = (freedom.name().to_owned(), freedom.is_binding());
                break;
            }
        }
        let text = query.text(&directory.catalog.schema);
        let (defect, is_binding) = form;
        if let (Worth::Refused { .. }, true) = (bad, query.way == Way::Post && defect == "queries by POST") {
            return Ok(Judgement::Unsupported(format!("{defect} at {}", kind.endpoint())));
        }
        Ok(tell(directory, "one-filter-has-many-spellings", &defect, is_binding, &text, &query.filter, bad))
    }

    async fn find_culprit_within(
        &self,
        lane: &Lane<'_>,
        kind: Kind,
        filter: Expression,
        bad: Worth,
    ) -> Result<Judgement, Stop> {
        let directory = self.inputs.world().directory(kind);
        let (mut culprit, mut bad) = (filter, bad);
        'down: loop {
            for part in parts(&culprit) {
                let plain = Query::plain(part.clone());
                let worth = self.weigh_and_show(lane, kind, &plain, |worth| worth.is_like(&bad)).await?;
                if worth.is_like(&bad) {
                    (culprit, bad) = (part, worth);
                    continue 'down;
                }
            }
            break;
        }
        let found = match &bad {
            Worth::Wrong(flaw) => Some(directory.ids(flaw.found)),
            _ => None,
        };
        let mut blame = directory.blame(&culprit, found.as_ref());
        let is_simple = parts(&culprit).is_empty() || matches!(culprit, Expression::ValuePath { .. });
        if let Worth::Refused { status } = bad {
            if status == 501 || (is_simple && !blame.is_textual) {
                return Ok(Judgement::Unsupported(format!("{} at {}", blame.defect, kind.endpoint())));
            }
            // What it takes one by one it need not take in every combination.
            blame.is_binding &= is_simple;
        }
        if let Worth::Wrong(flaw) = &bad {
            let wrong = flaw.missing.iter().chain(flaw.extra.iter());
            let mut open = wrong.map(|at| directory.depends_on_dialect(&culprit, at)).peekable();
            blame.is_binding &= open.peek().is_none() || !open.all(|open| open);
            if flaw.missing.is_empty() && flaw.extra.is_empty() {
                blame.defect = "totalResults".to_owned();
            }
        }
        let text = culprit.to_string();
        Ok(tell(directory, "agrees-with-the-oracle", &blame.defect, blame.is_binding, &text, &culprit, &bad))
    }
}

/// RFC 7644 §3.4.2: totalResults is the number of all that match.
fn total_flaw(list: &List, found: Places) -> Option<String> {
    let here = list.ids.len() as u64;
    // A stranger may come or go between two pages.
    if list.total < found.len() as u64 {
        return Some(format!("totalResults is {}, and {} are there", list.total, found.len()));
    }
    (list.total > here && list.ends)
        .then(|| format!("totalResults is {}, and no page has more than these {here}", list.total))
}

fn broken(breach: Breach) -> Judgement {
    Judgement::Broken(Box::new(breach))
}

/// Puts a bad answer into words.
fn tell(
    directory: &Directory,
    law: &'static str,
    defect: &str,
    is_binding: bool,
    text: &str,
    filter: &Expression,
    bad: &Worth,
) -> Judgement {
    let (what, sentence, nature) = match bad {
        Worth::Right(_) => unreachable!("what is right is no finding"),
        Worth::Wrong(flaw) => ("answered wrongly", flaw.sentence(), Nature::Expectation),
        Worth::Refused { status } => ("refused", format!("is answered {status}"), Nature::Expectation),
        Worth::Failed { status } => ("a server error", format!("is answered {status}"), Nature::ServerFailure),
        Worth::Garbled { reason } => ("garbage", format!("is answered with 2xx, and {reason}"), Nature::Expectation),
    };
    let truths = directory.judge(filter);
    let of = |truth| places_of(directory, truths, truth);
    let mut expected = format!("found:\n{}", lines(directory, of(Truth::True)));
    if !of(Truth::Either).is_empty() {
        expected.push_str(&format!("found or not:\n{}", lines(directory, of(Truth::Either))));
    }
    let actual = match bad {
        Worth::Wrong(flaw) => Some(format!("found:\n{}", lines(directory, flaw.found))),
        _ => None,
    };
    broken(Breach {
        law,
        identity: format!("{defect}: {what}"),
        message: format!("{defect}: `{text}` {sentence}"),
        expected: Some(expected),
        actual,
        level: (!is_binding).then_some(Level::Should),
        kind: nature,
    })
}

impl Flaw {
    fn sentence(&self) -> String {
        let mut parts = Vec::new();
        if !self.missing.is_empty() {
            parts.push(format!("leaves out {} who meet it", self.missing.len()));
        }
        if !self.extra.is_empty() {
            parts.push(format!("finds {} who do not meet it", self.extra.len()));
        }
        parts.extend(self.total.clone());
        parts.join(" and ")
    }
}

fn places_of(directory: &Directory, truths: Truths, truth: Truth) -> Places {
    (0..directory.resources.len()).filter(|place| truths.at(*place) == truth).collect()
}

/// Returns resources with what one knows them by, a line each.
fn lines(directory: &Directory, which: Places) -> String {
    if which.is_empty() {
        return "  nobody\n".to_owned();
    }
    let line = |at: usize| {
        let resource = &directory.resources[at];
        let name = ["userName", "displayName"].iter().find_map(|name| resource.shown[*name].as_str());
        format!("  {} {}\n", resource.id, name.unwrap_or_default())
    };
    which.iter().map(line).collect()
}

/// Returns queries with the number of those found, a line each.
fn told(directory: &Directory, texts: &[String], answers: &[Option<BTreeSet<String>>]) -> String {
    let line = |(text, answer): (&String, &Option<BTreeSet<String>>)| {
        let Some(found) = answer else { return format!("{text}: refused\n") };
        let places = (0..directory.resources.len()).filter(|at| found.contains(&directory.resources[*at].id));
        let places: Vec<String> = places.map(|at| at.to_string()).collect();
        format!("{text}: {} ({})\n", found.len(), places.join(" "))
    };
    texts.iter().zip(answers).map(line).collect()
}
