//! What the parts of this module promise together, on people and groups in memory.

use super::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRunner};
use scim_lang::filter::{Matcher, parse};
use scim_lang::schema::{ResourceType, group_type, user_type};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const MARK: &str = "rhabcdefgh.p";

fn shown(number: usize, kind: &str, mut body: Value) -> Resource {
    let id = format!("2819c223-7f76-453a-919d-{kind}{number:06}");
    body["id"] = id.clone().into();
    body["meta"] = json!({
        "resourceType": kind,
        "created": "2026-11-23T12:00:00.123Z",
        "lastModified": "2026-11-23T12:00:00.123Z",
    });
    Resource { id, shown: body }
}

fn world() -> World {
    let people = people(MARK, Some(scim_lang::urn::ENTERPRISE_USER)).into_iter().enumerate();
    let people: Vec<Resource> = people.map(|(number, body)| shown(number, "User", body)).collect();
    let ids: Vec<String> = people.iter().map(|person| person.id.clone()).collect();
    let groups = groups(MARK, &ids).into_iter().enumerate();
    let groups = groups.map(|(number, body)| shown(number, "Group", body)).collect();
    let directory = |ty: &ResourceType, resources| {
        let mut directory = Directory::new(Catalog::standard(ty), resources);
        directory.dialect = Dialect::OURS;
        directory
    };
    World {
        mark: MARK.to_owned(),
        users: directory(user_type(), people),
        groups: directory(group_type(), groups),
        has_search: true,
    }
}

fn questions(filters: &Filters, count: usize) -> Vec<Question> {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let strategy = filters.strategy();
    (0..count).map(|_| strategy.new_tree(&mut runner).expect("nothing is rejected").current()).collect()
}

fn type_of(kind: Kind) -> &'static ResourceType {
    match kind {
        Kind::Users => user_type(),
        Kind::Groups => group_type(),
    }
}

fn found(world: &World, kind: Kind, text: &str) -> BTreeSet<String> {
    let filter = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let matcher = Matcher::new(&filter, type_of(kind)).unwrap_or_else(|error| panic!("{text}: {error}"));
    let resources = world.directory(kind).resources.iter();
    resources.filter(|resource| matcher.matches(&resource.shown)).map(|resource| resource.id.clone()).collect()
}

#[test]
fn three_of_five_filters_select_some_and_not_all() {
    let filters = Filters::new(world());
    let (mut all, mut selective, mut deep) = (0, 0, 0);
    for question in questions(&filters, 1500) {
        if let Ask::Filter { filter, .. } = &question.ask {
            all += 1;
            selective += usize::from(filters.world().directory(question.kind).is_selective(filter));
            deep += usize::from(leaves(filter) > 3);
        }
    }
    assert!(selective * 10 >= all * 6, "{selective} of {all}");
    assert!(deep * 10 > all, "{deep} of {all} have more than three conditions");
}

#[test]
fn the_oracle_agrees_with_our_evaluator_in_every_spelling() {
    let filters = Filters::new(world());
    let mut decided = 0;
    for question in questions(&filters, 1500) {
        let Ask::Filter { filter, spelling, .. } = &question.ask else { continue };
        let directory = filters.world().directory(question.kind);
        let text = spelling.write(filter, &directory.catalog.schema);
        let truths = directory.judge(filter);
        decided += (0..directory.resources.len()).filter(|place| truths.at(*place) != Truth::Either).count();
        let found = found(filters.world(), question.kind, &text);
        let places = directory.places(found.iter().map(String::as_str));
        assert!(truths.allow(places), "{text}\n{truths:?}\n{found:?}");
    }
    assert!(decided > 5000, "{decided} answers were decided");
}

#[test]
fn an_unknown_dialect_demands_less_and_never_something_else() {
    let known = world();
    let mut unknown = known.clone();
    unknown.users.dialect = Dialect::default();
    let filters = Filters::new(known);
    for question in questions(&filters, 500) {
        if let (Ask::Filter { filter, .. }, Kind::Users) = (&question.ask, question.kind) {
            let (strict, lax) = (filters.world().users.judge(filter), unknown.users.judge(filter));
            for (strict, lax) in (0..PEOPLE).map(|place| (strict.at(place), lax.at(place))) {
                assert!(lax == strict || lax == Truth::Either, "{filter}: {strict:?} and {lax:?}");
            }
        }
    }
}

#[test]
fn what_is_printed_reads_back() {
    let filters = Filters::new(world());
    for question in questions(&filters, 1500) {
        let text = filters.print(&question);
        assert!(!text.contains(MARK), "{text}");
        assert_eq!(filters.parse(&text).as_ref(), Ok(&question), "{text}");
    }
}

#[test]
fn a_bare_filter_is_a_question_and_nonsense_is_told() {
    let filters = Filters::new(world());
    let plain = filters.parse(r#"title eq "a: b ;; c""#).unwrap();
    assert_eq!(plain, Question::plain(Kind::Users, parse(r#"title eq "a: b ;; c""#).unwrap()));
    assert!(matches!(filters.parse("title eq").unwrap().ask, Ask::Wrong { .. }));
    for text in ["Users MR-F99: title pr", "Users spelled x: title pr", "Users: id eq \"{{user 99}}\"", "{{mark"] {
        assert!(filters.parse(text).is_err(), "{text}");
    }
}

#[test]
fn shrinking_ends_at_something_small() {
    let filters = Filters::new(world());
    for mut question in questions(&filters, 200) {
        let mut steps = 0;
        loop {
            let simpler = filters.simpler(&question);
            assert!(simpler.iter().all(|one| filters.size(one) < filters.size(&question)));
            let Some(first) = simpler.into_iter().next() else { break };
            question = first;
            steps += 1;
        }
        assert!(steps < 500);
        if let Ask::Filter { filter, .. } = &question.ask {
            assert_eq!(leaves(filter), 1, "{filter}");
        }
    }
}

#[test]
fn every_law_is_made_and_holds_in_memory() {
    let filters = Filters::new(world());
    let mut seen = BTreeSet::new();
    for question in questions(&filters, 2500) {
        let Ask::Law { law, operands } = &question.ask else { continue };
        seen.insert(law.id());
        let directory = filters.world().directory(question.kind);
        let queries = law.queries(directory, operands);
        assert_eq!(queries.is_empty(), law.has_protocol(), "{}", law.id());
        let texts: Vec<String> = queries.iter().map(|query| query.text(&directory.catalog.schema)).collect();
        let answers: Vec<_> = texts.iter().map(|text| Some(found(filters.world(), question.kind, text))).collect();
        assert_eq!(law.breach(directory, operands, &answers), None, "{}: {texts:#?}", law.id());
    }
    assert_eq!(seen.len(), Law::ALL.len(), "{seen:?}");
}

#[test]
fn every_law_with_queries_can_be_broken() {
    let filters = Filters::new(world());
    let mut broken = BTreeSet::new();
    for question in questions(&filters, 2500) {
        let Ask::Law { law, operands } = &question.ask else { continue };
        let directory = filters.world().directory(question.kind);
        let queries = law.queries(directory, operands);
        // A server that ignores what stands behind the first query's filter.
        for odd in 0..queries.len() {
            let answer = |at: usize| {
                let text = queries[at].text(&directory.catalog.schema);
                let right = found(filters.world(), question.kind, &text);
                if at == odd { &directory.universe() - &right } else { right }
            };
            let answers: Vec<_> = (0..queries.len()).map(|at| Some(answer(at))).collect();
            if law.breach(directory, operands, &answers).is_some() {
                broken.insert(law.id());
            }
        }
    }
    let expected = Law::ALL.iter().filter(|law| !law.has_protocol()).count();
    assert_eq!(broken.len(), expected, "{broken:?}");
}

#[test]
fn wrong_filters_are_wrong_for_our_own_parser_and_evaluator() {
    let filters = Filters::new(world());
    let mut names = BTreeSet::new();
    for question in questions(&filters, 3000) {
        let Ask::Wrong { text, mistake } = &question.ask else { continue };
        names.insert(mistake.name);
        match parse(text) {
            Err(_) => {}
            Ok(_) if mistake.name == "null" => {}
            Ok(filter) => assert!(Matcher::new(&filter, type_of(question.kind)).is_err(), "{text}"),
        }
    }
    assert!(names.len() >= 20, "{names:?}");
}

#[test]
fn what_a_lenient_reader_understands_need_not_be_refused() {
    for (text, tier) in [
        ("title eq", Tier::Must),
        ("title eq \"x", Tier::Must),
        ("title eq \"x\" title pr", Tier::Must),
        ("(title pr", Tier::Must),
        ("active eq 01", Tier::Must),
        ("9title pr", Tier::Must),
        ("title regex \"x\"", Tier::Must),
        ("not title pr", Tier::Should),
        ("emails[emails[type pr]]", Tier::Should),
        ("title  pr", Tier::Free),
        ("title eq\"x\"", Tier::Free),
        ("( title pr )", Tier::Free),
        ("title eq 'x'", Tier::Free),
        ("title eq x", Tier::Free),
        ("active eq True", Tier::Free),
        ("emails[type eq \"work\"].value eq \"x\"", Tier::Free),
    ] {
        assert_eq!(mistake_in(text, None).map(|mistake| mistake.tier), Some(tier), "{text}");
    }
    assert_eq!(mistake_in("title pr", None), None);
}
