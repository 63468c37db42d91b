"""Going through a flow: which step is next, what is said on the way, where the person then stands."""

from __future__ import annotations

import dataclasses

from dialogs import former, phrases
from dialogs.asking import confirmation, key, question
from dialogs.assessment import hands_over
from dialogs.conversation import Conversation, Pending, address, spot
from dialogs.effects import Apply, Button, CallPerson, Effect, Forget, IssueCode
from dialogs.flow import END, PERSONAL, RETURN, Flow, Step
from dialogs.moving import carrying, known_as, moved, safe_step
from dialogs.onward import MOST_STEPS, branch_taken, following, next_step
from dialogs.promising import not_given
from dialogs.replacing import replace
from dialogs.reviewing import given, review
from dialogs.shown import shown_value
from dialogs.speaking import Speaking
from dialogs.understood import Understood


class Walk(Speaking):
    """One decision in the making: where the person goes, and what is asked of them there."""

    def ask(self, step: Step, before: str = "") -> None:
        """Put the question (again), with no offer any more; a consent's wording is pinned when it is shown (P45)."""
        self.at = former.without(self.at, step.id)
        if step.consent:
            self.say_first(before)  # a consent's text is a message of its own, with one meaning (L1)
            before = ""
        if self.first:
            before, self.first = "\n".join(filter(None, (self.first, before))), ""
        if step.review:
            asked = review(self.here, step, before)
        elif self.corrects(step) and step.id in self.at.answers:
            shown = shown_value(step, self.at.answers[step.id])
            before = before or phrases.AT_PRESENT.format(shown=shown)
            asked = question(self.here, step, before)
            stay = Button(phrases.KEEP, key(self.at, step.id, "keep"))
            asked = asked._replace(buttons=(*asked.buttons, stay))
        else:
            asked = question(self.here, step, before)
        self.effects.append(asked)
        if asked.digest:
            self.at = replace(self.at, shown=asked.digest)

    def ask_again(self, before: str = "") -> None:
        """The present question, whatever it is; after the end, a way on."""
        if self.step is None:
            return self.nothing_waits(before)
        if self.at.pending:
            self.say(before)
            return self.check(self.step, self.at.pending)
        return self.ask(self.step, before)

    def resume(self, *, moved: bool = False) -> None:
        """Go on; from the safe step past everything answered already, when they were brought there."""
        if not (moved and self.at.step):
            return self.ask_again()
        self.put_back()
        return self.enter(self.at.step)

    def nothing_waits(self, before: str = "") -> None:
        if self.at.applied:
            return self.say("\n\n".join(filter(None, (before, phrases.APPLIED_ALREADY))))
        again = Button(phrases.ANEW, f"!restart.{self.at.flow}")
        text = "\n\n".join(filter(None, (before, phrases.NOTHING_WAITS)))
        return self.say(text, again, Button(phrases.CALL_PERSON, "!person"))

    def check(self, step: Step, pending: Pending) -> None:
        """Show what was understood; it counts when confirmed."""
        self.at = replace(self.at, pending=pending)
        if self.at.offers_former:
            asked = question(self.here, step, self.first)
            self.first = ""
            return self.effects.append(former.offering(self.at, step, asked, pending))
        return self.effects.append(confirmation(self.at, step, pending.question))

    def put(self, step: Step, *, wanted: bool = False) -> None:
        """Ask, or offer what was answered before; ``wanted``: they want to answer it anew."""
        self.show(step)
        kept = None if wanted or "personal_data" not in self.consents else self.fits(step)
        return self.ask(step) if kept is None else self.check(step, former.offer(kept))

    def fits(self, step: Step) -> Understood | None:
        """The answer given before, if the question would still take it."""
        if step.id not in self.at.former:
            return None
        value, business = self.at.former[step.id], self.script.business
        return former.fitting(step, value, now=self.now, business=business) if former.offered(step) else None

    # ------------------------------------------------------------ moving

    def enter(self, step_id: str, *, wanted: bool = False) -> None:
        """Go to a step: say and pass those that do not wait, stop at the first that does (A8: at most 50).

        ``wanted``: the person asked for this very step, so it is asked even if its answer is known.
        """
        for _ in range(MOST_STEPS + len(self.at.carried) + len(self.at.behind)):
            step = self.stand_at(step_id)
            if step is None or (self.handed_over and step.waits):  # where a person has the word, no question waits
                self.at = settle(self.at, self.script.flow, self.effects)
                self.at = replace(self.at, step=None)
                return self.say_first("")
            if self.at.amending is not None and self.arrived(step):
                return self.put(step)
            if step.part and (inside := self.script.flow.inside(step)):
                self.at, step_id = replace(self.at, calls=(*self.at.calls, step.id)), inside
            elif self.passes(step, wanted=wanted):
                step_id = self.onward(step)
            elif step.application:
                return self.apply(step)
            elif step.waits:
                return self.put(step, wanted=wanted)
            else:
                self.show(step)
                self.tell(step)
                step_id = self.onward(step)
            wanted = False
        self.at = replace(self.at, step=None)
        return self.nothing_waits()

    def onward(self, step: Step) -> str:
        """The step after this one; whoever cannot return from a part is brought to the safe step."""
        step_id, calls = following(self.script, step, self.here, self.at.calls)
        if calls != self.at.calls:
            for caller in self.at.calls[len(calls) :]:
                self.visit("steps", caller, "part")  # gone through to its end
            self.at = replace(self.at, calls=calls)
        if self.script.watch and isinstance(step.go, tuple):
            number = branch_taken(step, self.here)
            if number is not None and next_step(self.script, step, self.here) == step.go[number].go:
                self.visit("steps", step.id, "go", number)  # else the chosen button led elsewhere
        if step_id != RETURN:
            return step_id
        if self.at.applied:
            return END
        self.put_back()
        return safe_step(self.script)

    def put_back(self) -> None:
        """Their place is gone: one kind sentence, and on with the first question that has no answer yet."""
        self.at, self.hushed, self.first = carrying(self.at), True, phrases.MOVED

    def stand_at(self, step_id: str) -> Step | None:
        """Stand at the step, in the newest version if that knows it. None: the flow is over."""
        newest = self.newest if self.newest and self.newest.version != self.script.version else None
        if newest and (there := known_as(newest.flow, step_id)):
            self.script, step_id = newest, there
            self.at, renames = moved(self.at, newest)
            self.effects += renames
            step_id = self.no_further(step_id)
        step = self.script.flow.by_id.get(step_id)
        if step and step.answer and step.answer.type in PERSONAL and "personal_data" not in self.consents:
            step = self.consent_step() or step  # nothing personal before consent, whatever the file says (L5)
        if step:
            calls = self.at.calls if step.id in self.script.flow.home else ()
            self.at = replace(
                self.at, version=self.script.version, step=step.id, calls=calls, tries=0, pending=None, chosen=(),
                day="", shown=None, offered=None,
            )  # fmt: skip
            self.visit("steps", step.id)
            if names := self.script.flow.variants_at.get(step.id):
                self.meet(names)
        return step

    def no_further(self, step_id: str) -> str:
        """From a correction nobody comes out beyond the question that they left for it, though an edit has put it
        before what is known; a question new to them may stand anywhere."""
        calls, left = spot(self.at.amending or "")
        order = self.script.flow.order
        beyond = order.get(left, len(order)) < order.get(step_id, 0) and step_id in self.at.answers
        return left if beyond and not calls else step_id

    def knows(self, step_id: str) -> bool:
        return any(known_as(script.flow, step_id) for script in (self.script, self.newest) if script)

    def consent_step(self) -> Step | None:
        return next((one for one in self.script.flow.every_step if one.consent == "personal_data"), None)

    def arrived(self, step: Step) -> bool:
        """Is this the question from which they went away to change an answer?"""
        if address(self.at.calls, step.id) != self.at.amending:
            return False
        self.at = settle(self.at, self.script.flow, self.effects)
        changed = self.at.answers != self.began.answers
        self.first = phrases.AMENDED if changed and not step.review else ""
        return True

    def passes(self, step: Step, *, wanted: bool) -> bool:
        """What is known is not asked again: a consent in force for the present wording, an answer brought along; nor is
        an application made again on the way back to a place behind it."""
        if step.application:
            return self.at.applied and (self.hushed or self.at.amending is not None)
        if step.consent:
            agreed = self.script.wording(step.consent, self.consents.get(step.consent)) is not None
            return agreed or step.id in self.old_way
        if step.review and not given(self.script, self.at):
            return True
        here, known = address(self.at.calls, step.id), (*self.at.carried, *self.at.behind)
        if wanted or not known or self.goes_back(step) or not (here in known or step.id in known):
            return False
        if not (step.optional or step.review or step.id in self.at.answers):
            return False  # taken back since
        carried, behind = (
            tuple(one for one in part if one not in (here, step.id)) for part in (self.at.carried, self.at.behind)
        )
        path = self.at.path if here in self.at.path else (*self.at.path, here)
        self.at = replace(self.at, path=path, carried=carried, behind=behind)
        self.hushed = self.hushed or self.at.amending is not None
        return True

    def leave(self, step: Step) -> None:
        """Go on from an answered question; whoever has changed its answer goes back to where they were."""
        here, path = address(self.at.calls, step.id), self.at.path
        if self.at.amending and here in path:
            self.old_way = self.way(step) if step.id in self.began.answers else frozenset()
            place = path.index(here)
            self.at = replace(self.at, path=path[:place], behind=(*self.at.behind, *path[place + 1 :]))
        self.at = replace(self.at, path=(*self.at.path, here))
        again = self.goes_back(step)
        if again:
            self.at = replace(self.at, carried=(), behind=())
        self.enter(self.onward(step), wanted=again)

    def goes_back(self, step: Step) -> bool:
        """Did the person choose a button that leads back, to be asked once more?"""
        if step.id not in self.script.flow.forks:
            return False
        chosen, order = step.choice_taken(self.at.answers), self.script.flow.order
        return chosen is not None and order.get(chosen.go or "", len(order)) <= order[step.id]

    def way(self, step: Step) -> frozenset[str]:
        """What they had been told and asked after this question, by the answer they gave before."""
        seen: set[str] = set()
        calls, before, flow = self.at.calls, dataclasses.replace(self.here, at=self.began), self.script.flow
        step_id, calls = following(self.script, step, before, calls)
        while (one := flow.by_id.get(step_id)) and one.id not in seen and one.id != self.began.step:
            seen.add(one.id)
            if inside := flow.inside(one):
                step_id, calls = inside, (*calls, one.id)
            else:
                step_id, calls = following(self.script, one, before, calls)
        return frozenset(seen)

    def back(self) -> None:
        """«Назад»: the former question, its answer open again; from a correction, back without one.

        Words that were not read yet (``held``) are what is taken back first.
        """
        if self.at.held:
            self.at = replace(self.at, held=(), held_until=None)
            return self.ask_again()
        if self.at.pending and not self.at.offers_former:
            self.at = replace(self.at, pending=None)
            return self.ask_again()
        step = self.step
        if step and self.corrects(step):
            return self.keep(step)
        path = self.at.path
        while path and not self.knows(spot(path[-1])[1]):
            path = path[:-1]  # the file no longer has that step (A3)
        if self.at.applied or not path:
            return self.ask_again("" if self.at.applied else phrases.NOWHERE_BACK)
        calls, former = spot(path[-1])
        kept = {step: value for step, value in self.at.answers.items() if step != former}
        if former in self.at.answers:
            self.effects.append(Forget(former))
        carried = tuple(one for one in self.at.carried if one not in (path[-1], former))
        self.at = replace(self.at, path=path[:-1], calls=calls, answers=kept, carried=carried)
        return self.enter(former, wanted=True)

    def keep(self, step: Step) -> None:
        """The answer stays as it is: back to where they were, if that is still there."""
        calls, target = spot(self.at.amending or "")
        if known_as(self.script.flow, target) is None:
            return self.leave(step)
        self.at = replace(self.at, calls=calls)
        return self.enter(target, wanted=True)

    def corrects(self, step: Step) -> bool:
        """Is this an answered question that is asked again to be corrected?"""
        if self.at.amending is None:
            return False
        here = address(self.at.calls, step.id)
        return here != self.at.amending and here in self.at.path

    # ------------------------------------------------------------ the application

    def apply(self, step: Step) -> None:
        """Make the application; a promo code needs the database, so the turn goes on when it has answered."""
        offer = step.application if isinstance(step.application, str) else None
        self.at = settle(self.at, self.script.flow, self.effects)
        self.at = replace(self.at, applied=True)
        self.effects.append(Apply(offer))
        terms = self.script.flow.offers[offer] if offer else None
        if offer and terms and terms.kind == "promo_code":
            return self.effects.append(IssueCode(offer))
        if offer and terms and terms.ended(self.now, self.script.business.zone):
            return self.give_nothing(offer)
        return self.finish_application()

    def give_nothing(self, offer: str) -> None:
        """They have applied all the same, and are told why there is no more than that."""
        self.say(not_given(self.script, offer, self.known, self.now))
        self.finish_application(silently=True)

    def finish_application(self, *, silently: bool = False) -> None:
        step = self.step
        assert step is not None
        if not silently:
            self.show(step)
            self.tell(step)
        if hands_over(self.here):
            self.handed_over = True
            self.effects.append(CallPerson("hand_over"))
        self.enter(self.onward(step))


def settle(at: Conversation, flow: Flow, effects: list[Effect]) -> Conversation:
    """A correction is over: answers of questions that are no longer on the way are forgotten, but for those that the
    version they moved to asks further on."""
    if at.amending is None:
        return at
    here = flow.order.get(at.step or "", len(flow.order))
    ahead = {spot(one)[1] for one in at.carried if here < flow.order.get(spot(one)[1], -1) < len(flow.steps)}
    left = {spot(one)[1] for one in at.behind} - {spot(one)[1] for one in at.path} - ahead
    effects += [Forget(step) for step in at.answers if step in left]
    kept = {step: value for step, value in at.answers.items() if step not in left}
    return replace(at, answers=kept, amending=None, formerly={}, behind=())
