//! The points that RFC 7644 leaves open, and how a server decides them.
//!
//! A server is asked once, by filters whose answers tell the readings apart, and is then held to what it answered. What
//! could not be learnt stays open, and the oracle demands nothing there.

use super::directory::Directory;
use super::oracle::Oracle;
use super::truth::{Places, Truth, Truths};
use scim_lang::filter::{CompareOp, Filter};
use scim_lang::schema::Type;

/// How a server reads the filters that the RFC does not define.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Dialect {
    /// Whether `title ne "x"` holds of a user without a title.
    pub ne_of_nothing: Option<bool>,
    /// Whether `emails.type ne "work"` holds as soon as some value differs; if not, every value has to.
    pub ne_of_some: Option<bool>,
    /// Whether `title co ""` holds of everybody with a title.
    pub empty_operand: Option<bool>,
    /// Whether `title pr` holds of an empty title.
    pub empty_present: Option<bool>,
    /// Whether `emails.primary eq false` holds of an element that does not say.
    pub primary_assumed: Option<bool>,
}

/// One of the points of a [`Dialect`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// See [`Dialect::ne_of_nothing`].
    NeOfNothing,
    /// See [`Dialect::ne_of_some`].
    NeOfSome,
    /// See [`Dialect::empty_operand`].
    EmptyOperand,
    /// See [`Dialect::empty_present`].
    EmptyPresent,
    /// See [`Dialect::primary_assumed`].
    PrimaryAssumed,
}

impl Point {
    /// Every point.
    pub const ALL: [Point; 5] =
        [Point::NeOfNothing, Point::NeOfSome, Point::EmptyOperand, Point::EmptyPresent, Point::PrimaryAssumed];

    /// Returns what a reading of the point means, in words.
    pub fn sentence(self, reading: bool) -> &'static str {
        match (self, reading) {
            (Point::NeOfNothing, true) => "ne holds where there is no value",
            (Point::NeOfNothing, false) => "ne does not hold where there is no value",
            (Point::NeOfSome, true) => "ne of several values holds as soon as one differs",
            (Point::NeOfSome, false) => "ne of several values holds where all differ",
            (Point::EmptyOperand, true) => "co, sw and ew with an empty text hold of every value",
            (Point::EmptyOperand, false) => "co, sw and ew with an empty text hold of nothing",
            (Point::EmptyPresent, true) => "pr holds of an empty text",
            (Point::EmptyPresent, false) => "pr does not hold of an empty text",
            (Point::PrimaryAssumed, true) => "primary eq false holds of an element that does not say",
            (Point::PrimaryAssumed, false) => "primary eq false does not hold of an element that does not say",
        }
    }
}

impl Dialect {
    /// The readings of the filters of `scim_lang`.
    pub const OURS: Dialect = Dialect {
        ne_of_nothing: Some(true),
        ne_of_some: Some(true),
        empty_operand: Some(true),
        empty_present: Some(false),
        primary_assumed: Some(true),
    };

    /// Returns the reading of a point, if it is known.
    pub fn reading(&self, point: Point) -> Option<bool> {
        match point {
            Point::NeOfNothing => self.ne_of_nothing,
            Point::NeOfSome => self.ne_of_some,
            Point::EmptyOperand => self.empty_operand,
            Point::EmptyPresent => self.empty_present,
            Point::PrimaryAssumed => self.primary_assumed,
        }
    }

    /// Notes how a server reads a point.
    pub fn note(&mut self, point: Point, reading: Option<bool>) {
        match point {
            Point::NeOfNothing => self.ne_of_nothing = reading,
            Point::NeOfSome => self.ne_of_some = reading,
            Point::EmptyOperand => self.empty_operand = reading,
            Point::EmptyPresent => self.empty_present = reading,
            Point::PrimaryAssumed => self.primary_assumed = reading,
        }
    }
}

impl Directory {
    /// Returns filters whose answers tell the readings of a point apart, on this population; the first that the server
    /// answers serves.
    pub fn questions_on(&self, point: Point) -> Vec<Filter> {
        let pools = self.pools(true).into_iter().filter(|pool| !pool.attribute.is_complex());
        let of_type = |ty: Type| move |attribute: &super::Attribute| attribute.ty == ty && !attribute.refers();
        let candidates = pools.flat_map(|pool| {
            let path = pool.path.clone();
            let values = pool.values.iter().take(3);
            let compare = |op: CompareOp, value: serde_json::Value| Filter::compare(path.clone(), op, value);
            let is_text = of_type(Type::String)(&pool.attribute);
            match point {
                Point::NeOfNothing if is_text => vec![compare(CompareOp::Ne, "zz-nobody".into())],
                Point::NeOfSome if is_text => values.map(|value| compare(CompareOp::Ne, value.clone())).collect(),
                Point::EmptyOperand if is_text => vec![compare(CompareOp::Co, "".into())],
                Point::EmptyPresent => vec![Filter::Present(path)],
                Point::PrimaryAssumed if pool.attribute.is_primary() => vec![compare(CompareOp::Eq, false.into())],
                _ => Vec::new(),
            }
        });
        let tells = |filter: &Filter| self.under(point, true, filter) != self.under(point, false, filter);
        candidates.filter(tells).take(MOST_QUESTIONS).collect()
    }

    /// Returns the reading under which an answer is right; nothing if both or neither are.
    pub fn reading(&self, point: Point, filter: &Filter, found: Places) -> Option<bool> {
        let fits = |reading: bool| self.under(point, reading, filter).allow(found);
        match (fits(true), fits(false)) {
            (true, false) => Some(true),
            (false, true) => Some(false),
            _ => None,
        }
    }

    fn under(&self, point: Point, reading: bool, filter: &Filter) -> Truths {
        let mut dialect = self.dialect;
        dialect.note(point, Some(reading));
        self.decide(&Oracle { catalog: &self.catalog, dialect: &dialect }, filter)
    }

    /// Returns whether what is right of a resource depends on how the server reads what the RFC leaves open.
    pub fn depends_on_dialect(&self, filter: &Filter, resource: usize) -> bool {
        let open = Dialect::default();
        let oracle = Oracle { catalog: &self.catalog, dialect: &open };
        self.resources.get(resource).is_some_and(|it| oracle.judge(filter, &it.shown) == Truth::Either)
    }
}

const MOST_QUESTIONS: usize = 3;
