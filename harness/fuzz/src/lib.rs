//! Random inputs for a SCIM service provider, and what it must make of them.
//!
//! Each module knows one kind of input: how it is made, how it is made smaller, how it is written down so that it can
//! be sent again, and what a correct server may do with it. Nothing here talks to a server; the engine does.
//!
//! | module | what is made | who says what is right |
//! |---|---|---|
//! | [`filter`] | filters over a population the run created | a three-valued oracle, laws between filters |
//! | [`patch`] | PATCH requests on one resource | the reference algorithm with its sets of lawful outcomes |
//! | [`body`] | resources for POST and PUT | what may never happen, whatever is sent |
//! | [`sequence`] | lives of people and groups | a model that lives them too |

pub mod body;
pub mod filter;
pub mod inputs;
pub mod patch;
pub mod sequence;

pub use inputs::Inputs;
