//! Profiles drawn by a seed, and what is wrong with them.

use proptest::{
    strategy::{BoxedStrategy, Strategy, ValueTree as _},
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use serde_json::{Value, json};

use crate::{
    profile::{self, Finding, Payload, Severity},
    simulate::generated::{Body, Recipe},
};

/// A body that is no JSON is drawn again, so often.
const DRAWS: u64 = 32;

/// Where bodies are drawn from. To make a strategy takes longer than to draw from it, and threads cannot
/// share one.
struct Strategies {
    valid: Drawn,
    with_null: Drawn,
    unusual: Drawn,
    invalid: Drawn,
}

/// `None` is a body that counts for none, and is drawn again.
type Drawn = BoxedStrategy<Option<Value>>;

thread_local! {
    static STRATEGIES: Strategies = Strategies::new();
}

impl Strategies {
    fn new() -> Self {
        let json = |case: profile::Case| match case.payload {
            // Null stands for no body at all.
            Payload::Json(value) => Some(value).filter(|value| !value.is_null()),
            Payload::Bytes(_) => None,
        };
        // Made simpler, a body may lose what is wrong with it; that one is passed over.
        let still = |body: &Value| !errors(body).is_empty();
        Self {
            valid: profile::valid().prop_map(Some).boxed(),
            with_null: profile::valid_with_null().prop_map(Some).boxed(),
            unusual: profile::unusual().prop_map(json).boxed(),
            invalid: profile::invalid().prop_map(move |case| json(case).filter(still)).boxed(),
        }
    }
}

impl Recipe {
    /// What is to be written, drawn by the recipe's seed and made simpler by its steps; `None` for the
    /// published page's, which depends on the profile's name.
    #[must_use]
    pub fn drawn_body(&self) -> Option<Value> {
        STRATEGIES.with(|strategies| match self.body {
            Body::Page => None,
            Body::Valid => self.draw(&strategies.valid),
            Body::WithNull => self.draw(&strategies.with_null),
            Body::Unusual => self.draw(&strategies.unusual),
            Body::Invalid => self.draw(&strategies.invalid),
        })
    }

    /// What a service answers that refuses this body; `None` where it does not.
    pub(in crate::simulate::generated) fn refusal(&self) -> Option<String> {
        if self.body != Body::Invalid {
            return None;
        }
        refusal(&self.drawn_body()?)
    }

    fn draw(&self, strategy: &Drawn) -> Option<Value> {
        (0..DRAWS).find_map(|again| {
            let mut seed = [0; 32];
            seed[..8].copy_from_slice(&self.body_seed.to_le_bytes());
            seed[8..16].copy_from_slice(&again.to_le_bytes());
            let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
            let mut runner = TestRunner::new_with_rng(Config::default(), rng);
            let mut tree = strategy.new_tree(&mut runner).ok()?;
            let mut body = tree.current()?;
            for _ in 0..self.body_steps {
                if !tree.simplify() {
                    break;
                }
                // What is no JSON any more is passed over.
                body = tree.current().unwrap_or(body);
            }
            Some(body)
        })
    }
}

/// What a service answers that refuses a body: the first error by rule and place, all of them as details. `None`
/// where there is none.
pub(in crate::simulate) fn refusal(body: &Value) -> Option<String> {
    let errors = errors(body);
    let target = errors.first()?.place.to_string();
    let detail = |error: &Finding| json!({ "code": error.rule.id, "target": error.place.to_string(), "message": error.words.replace("${", "$ {") });
    let details: Vec<Value> = errors.iter().map(detail).collect();
    let error = json!({ "code": "InvalidRequestContent${code}", "message": "${message}", "target": target, "details": details });
    Some(json!({ "error": error }).to_string())
}

/// What is wrong with a body, as the embedded service judges it.
fn errors(body: &Value) -> Vec<Finding> {
    let mut findings = profile::judge(body.to_string().as_bytes());
    findings.retain(|finding| finding.rule.severity == Severity::Error);
    findings
}
