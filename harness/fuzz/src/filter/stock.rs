//! What filters are drawn from: sorted out once, when it is known what the server takes, because inputs are drawn by the
//! thousand.

use super::directory::{Directory, Pool, Status, operators};
use scim_lang::filter::CompareOp;
use scim_lang::path::AttrPath;
use scim_lang::schema::Type;
use serde_json::Value;

/// What a server takes in filters about one type of resource.
#[derive(Debug, Clone)]
pub(super) struct Stock {
    /// Whether it takes `and`, `or`, `not`, and parentheses that matter.
    pub(super) and: bool,
    pub(super) or: bool,
    pub(super) not: bool,
    pub(super) parentheses: bool,
    /// When the first resource was created, in nanoseconds since 1970.
    pub(super) born: Option<i128>,
    usable: Choice,
    sound: Choice,
}

/// Attributes to choose from.
#[derive(Debug, Clone)]
pub(super) struct Choice {
    /// Those that `pr` can be asked of; none where the server refuses that.
    pub(super) present: Vec<AttrPath>,
    /// Those that can be compared.
    pub(super) subjects: Vec<Subject>,
    /// The lists that brackets can stand behind.
    pub(super) lists: Vec<List>,
}

/// Something whose values a condition compares: an attribute of the resource, or one of an element in brackets.
#[derive(Debug, Clone)]
pub(super) struct Subject {
    pub(super) path: AttrPath,
    pub(super) ty: Type,
    /// The operators that the server takes; `eq`, which clients send most, stands there twice.
    pub(super) operators: Vec<CompareOp>,
    pub(super) values: Vec<Value>,
}

/// A list of complex elements.
#[derive(Debug, Clone)]
pub(super) struct List {
    pub(super) path: AttrPath,
    /// What can be asked of an element, by names as they stand in brackets.
    pub(super) subjects: Vec<Subject>,
}

impl Stock {
    pub(super) fn new(directory: &Directory) -> Stock {
        let is_sound = |key| directory.support.is_sound(key);
        Stock {
            and: is_sound("and"),
            or: is_sound("or"),
            not: is_sound("not"),
            parentheses: is_sound("parentheses"),
            born: directory.born(),
            usable: Choice::new(directory, false),
            sound: Choice::new(directory, true),
        }
    }

    /// Returns what to choose from: for a part of something larger that alone which the server answers rightly.
    pub(super) fn choice(&self, sound_alone: bool) -> &Choice {
        if sound_alone { &self.sound } else { &self.usable }
    }
}

impl Choice {
    fn new(directory: &Directory, sound_alone: bool) -> Choice {
        let support = &directory.support;
        let is_usable = |status: Status| match status {
            Status::Sound => true,
            Status::Wrong => !sound_alone,
            Status::Refused => false,
        };
        let pools = directory.pools(sound_alone);
        let subject = |pool: &Pool, path: AttrPath| {
            let ty = pool.attribute.ty;
            let taken = operators(&pool.attribute).into_iter().filter(|op| is_usable(support.operator(*op, ty)));
            let mut operators: Vec<CompareOp> = taken.collect();
            operators.extend(operators.first().copied().filter(|op| *op == CompareOp::Eq));
            Subject { path, ty, operators, values: pool.values.clone() }
        };
        let inside = |list: &AttrPath| {
            let named = pools.iter().filter_map(|pool| Some((pool, AttrPath::new(pool.path.sub.clone()?))));
            let own = named.filter(|(pool, _)| AttrPath { sub: None, ..pool.path.clone() } == *list);
            own.map(|(pool, name)| subject(pool, name)).collect()
        };
        let lists = pools.iter().filter(|pool| pool.attribute.is_many && pool.attribute.is_complex());
        let lists = lists.filter(|pool| is_usable(support.brackets(&pool.path)));
        let simple = pools.iter().filter(|pool| !pool.attribute.is_complex());
        let may_be_present = support.status("pr") != Status::Refused;
        Choice {
            present: pools.iter().filter(|_| may_be_present).map(|pool| pool.path.clone()).collect(),
            subjects: simple.map(|pool| subject(pool, pool.path.clone())).collect(),
            lists: lists.map(|pool| List { path: pool.path.clone(), subjects: inside(&pool.path) }).collect(),
        }
    }
}
