//! One window after the other, on one picture.

use std::num::NonZeroUsize;

use zeroize::Zeroize;

use crate::error::{Error, ErrorKind, Result};
use crate::front::graph::{Graph, ValueId};
use crate::front::{CompileOptions, Output, Plan, PlanState};
use crate::network::answer::{probability, top};
use crate::network::hands::Hand;

/// The place in the list of taps of the one that is swept.
const SWEPT: usize = 0;

/// What a picture comes to before anything is held.
pub(super) struct Original {
    #[cfg_attr(not(feature = "lab"), expect(dead_code, reason = "it is not told"))]
    pub(super) class: usize,
    pub(super) before: f64,
    #[cfg_attr(not(feature = "lab"), expect(dead_code, reason = "it is not told"))]
    pub(super) zero_share: f64,
}

/// A network in two parts, of which the second runs for each window, and the map between them.
#[derive(Debug)]
pub(super) struct Trial {
    /// None where the map between is the network's input.
    before: Option<Part>,
    after: Part,
    /// Whether the map between is the one that is swept; otherwise its tap lies in the second part.
    between: bool,
    swept: Hand,
    others: Vec<Hand>,
    output: Output,
    map: Vec<f32>,
    scratch: Vec<f32>,
    answer: Vec<f32>,
    classes: Vec<usize>,
}

/// Some of a network, ready to run.
#[derive(Debug)]
struct Part {
    plan: Plan,
    state: PlanState,
}

impl Part {
    fn new(graph: &Graph, from: ValueId, to: ValueId, options: CompileOptions) -> Result<Self> {
        let plan = Plan::compile(&graph.between(from, to)?, options)?;
        Ok(Self { state: plan.state(), plan })
    }
}

impl Trial {
    pub(super) fn new(
        graph: &Graph,
        to: ValueId,
        ids: &[ValueId],
        swept: Hand,
        others: Vec<Hand>,
        output: Output,
        options: CompileOptions,
    ) -> Result<Self> {
        let (graph, tapped) = graph.tapped(ids);
        let gate = graph.gate(tapped[SWEPT], to);
        let between = gate == tapped[SWEPT];
        // What is swept is held between the parts, so that its tap is in neither.
        let end = if between { ids[SWEPT] } else { gate };
        let before = if end == graph.input {
            None
        } else {
            Some(Part::new(&graph, graph.input, end, options)?)
        };
        let after = Part::new(&graph, gate, to, options)?;
        let numbers = graph.shape(gate).iter().product();
        Ok(Self {
            map: vec![0.0; numbers],
            scratch: vec![0.0; if between { numbers } else { 0 }],
            answer: vec![0.0; after.plan.outputs()],
            classes: Vec::new(),
            before,
            after,
            between,
            swept,
            others,
            output,
        })
    }

    /// Takes a picture: says what it comes to, and leaves the map between the parts as the taps
    /// before it leave it.
    pub(super) fn begin(&mut self, input: &[f32], classes: Option<&[usize]>) -> Result<Original> {
        let mut zeros = None;
        let mut watch = |tap: usize, map: &mut [f32]| {
            if tap == SWEPT {
                zeros = Some(zero_share(map));
            }
            Ok(())
        };
        match &mut self.before {
            None => self.map.copy_from_slice(input),
            Some(Part { plan, state }) => {
                plan.run_visiting(state, input, &mut self.map, &mut watch)?;
            }
        }
        let Part { plan, state } = &mut self.after;
        plan.run_visiting(state, &self.map, &mut self.answer, &mut watch)?;
        let zero_share = zeros.unwrap_or_else(|| zero_share(&self.map));
        let class = top(&self.answer);
        self.classes.clear();
        self.classes.extend_from_slice(classes.unwrap_or(&[class]));
        self.check_classes()?;
        let before = probability(&self.answer, self.output, &self.classes)?;
        if before <= 0.0 {
            return Err(Error::new(
                ErrorKind::Tap,
                "the classes have no probability before anything is held, so that none can be lost",
            ));
        }
        if let Some(Part { plan, state }) = &mut self.before
            && !self.others.is_empty()
        {
            let others = &self.others;
            let mut hold = |tap: usize, map: &mut [f32]| match tap {
                SWEPT => Ok(()),
                other => others[other - 1].hold(map),
            };
            plan.run_visiting(state, input, &mut self.map, &mut hold)?;
        }
        Ok(Original { class, before, zero_share })
    }

    fn check_classes(&self) -> Result<()> {
        let wrong = |what: String| Err(Error::new(ErrorKind::Tap, what));
        let count = self.answer.len();
        if self.classes.is_empty() {
            return wrong("a set of classes holds at least one".into());
        }
        for (index, class) in self.classes.iter().enumerate() {
            if *class >= count {
                return wrong(format!("there is no class {class}; there are 0 to {}", count - 1));
            }
            if self.classes[..index].contains(class) {
                return wrong(format!("class {class} is listed twice"));
            }
        }
        Ok(())
    }

    /// What this window leaves of the probability. Nothing is allocated.
    pub(super) fn hold(&mut self, window: usize) -> Result<f64> {
        let window = NonZeroUsize::new(window).unwrap_or(NonZeroUsize::MIN);
        let swept = Hand { hold: self.swept.hold.with_window(window), ..self.swept };
        let others = &self.others;
        let mut hold = |tap: usize, map: &mut [f32]| match tap {
            SWEPT => swept.hold(map),
            other => others[other - 1].hold(map),
        };
        let input = if self.between {
            self.scratch.copy_from_slice(&self.map);
            swept.hold(&mut self.scratch)?;
            &self.scratch
        } else {
            &self.map
        };
        let Part { plan, state } = &mut self.after;
        plan.run_visiting(state, input, &mut self.answer, &mut hold)?;
        probability(&self.answer, self.output, &self.classes)
    }

    /// Runs what follows the tap, on the map as it is.
    #[cfg(feature = "lab")]
    pub(super) fn follow(&mut self) -> Result<()> {
        let Part { plan, state } = &mut self.after;
        plan.run(state, &self.map, &mut self.answer)
    }

    /// Overwrites everything that came from a picture.
    pub(super) fn wipe(&mut self) {
        for part in self.before.iter_mut().chain([&mut self.after]) {
            part.state.wipe();
        }
        for numbers in [&mut self.map, &mut self.scratch, &mut self.answer] {
            numbers.as_mut_slice().zeroize();
        }
        self.classes.zeroize();
    }
}

impl Drop for Trial {
    fn drop(&mut self) {
        self.wipe();
    }
}

fn zero_share(map: &[f32]) -> f64 {
    map.iter().filter(|value| **value == 0.0).count() as f64 / map.len() as f64
}
