//! A run: the schedule's turns, one after the other, on one thread or several.

use std::sync::{Mutex, PoisonError};

use super::kernels::OutputRows;
use super::plan::{Plan, PlanState, Stripe};
use super::step::Operation;
use super::stripes::MOST_THREADS;
use super::turns::{Turns, Visitor};
use crate::error::Result;

impl Plan {
    /// Runs once. `input` and `out` are planes `[channel][row][column]`, as long as the graph's input
    /// and output. A state of another plan is replaced by one of this. Nothing else is allocated, but by
    /// a step that runs on tract. Maps at taps stay as they are.
    ///
    /// # Errors
    /// Kind [`ErrorKind::Model`](crate::ErrorKind::Model) or
    /// [`ErrorKind::Internal`](crate::ErrorKind::Internal): tract failed. What is in `out` then is
    /// part of a map.
    pub(crate) fn run(&self, state: &mut PlanState, input: &[f32], out: &mut [f32]) -> Result<()> {
        self.run_visiting(state, input, out, &mut |_, _| Ok(()))
    }

    /// [`Plan::run`], in which a visitor sees the map at each tap and may change it. A visitor's error
    /// ends the run.
    pub(crate) fn run_visiting(
        &self,
        state: &mut PlanState,
        input: &[f32],
        out: &mut [f32],
        visitor: &mut Visitor<'_>,
    ) -> Result<()> {
        if !self.has_made(state) {
            *state = self.state();
        }
        let PlanState { stripes, crew, .. } = state;
        let made = self.made();
        let mut rows = OutputRows::whole(out, [made.channels, made.rows, made.columns]);
        let Some(crew) = crew else {
            let stripe = stripes[0].get_mut().unwrap_or_else(PoisonError::into_inner);
            return self.stripe(stripe, input, &mut rows, visitor);
        };
        let lots: [Mutex<Option<Lot<'_>>>; MOST_THREADS] = Default::default();
        for (lot, stripe) in lots.iter().zip(stripes) {
            let stripe = stripe.get_mut().unwrap_or_else(PoisonError::into_inner);
            let end = stripe.layout.as_ref().map_or(made.rows, |layout| layout.rows.end);
            let own = rows.split_to(end);
            *lot.lock().unwrap_or_else(PoisonError::into_inner) =
                Some(Lot { stripe, rows: own, outcome: Ok(()) });
        }
        // A plan with a tap runs on one thread alone.
        crew.run(&|number| {
            let mut lot = lots[number].lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(lot) = &mut *lot {
                let none = &mut |_, _: &mut [f32]| Ok(());
                lot.outcome = self.stripe(lot.stripe, input, &mut lot.rows, none);
            }
        })?;
        for lot in lots {
            if let Some(lot) = lot.into_inner().unwrap_or_else(PoisonError::into_inner) {
                lot.outcome?;
            }
        }
        Ok(())
    }

    /// Makes the rows of one stripe.
    fn stripe(
        &self,
        stripe: &mut Stripe,
        input: &[f32],
        out: &mut OutputRows<'_>,
        visitor: &mut Visitor<'_>,
    ) -> Result<()> {
        let Stripe { layout, arena, places } = stripe;
        let layout = layout.as_ref().unwrap_or(&self.whole);
        let turns = Turns { kernels: self.kernels, layout, input: (self.input, input) };
        for turn in &layout.turns {
            let step = &self.steps[turn.step];
            if let Operation::Stem(stem) = &step.operation {
                turns.stem(stem, turn, arena, out);
                continue;
            }
            turns.make(step, turn, arena, places, visitor)?;
            if let Some(function) = &step.function {
                turns.apply(function, step, turn, arena);
            }
            if step.output == self.output {
                turns.hand_over(step, turn, arena, places, out);
            }
        }
        Ok(())
    }
}

/// What one thread does in a run.
struct Lot<'a> {
    stripe: &'a mut Stripe,
    rows: OutputRows<'a>,
    outcome: Result<()>,
}
