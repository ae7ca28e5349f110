"""Reviewing a proposal: heat, threshold, regions, and the way from one doubt to the next."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from seglabel.app.canvas.heat_legend import HeatLegend
from seglabel.app.canvas.review_layer import MarkedRegion, ReviewLayer
from seglabel.app.editor import Editor
from seglabel.app.main_window import MainWindow
from seglabel.app.proposal_check import ProposalCheck
from seglabel.app.proposing import Proposing
from seglabel.app.reviewing import Mask, Reviewing
from seglabel.app.view_state import ViewState
from seglabel.app.workspace import Workspace
from seglabel.core.geometry import Region
from seglabel.core.proposed_regions import Uncertain, UncertainRegion

_LEGEND_MARGIN = 12
_TOLD_FROM = 0.01  # of the pixels uncertain, when an image is opened
_OF_REGION = ("accept_region", "reject_region", "replace_region")
_OF_PROPOSAL = ("accept", "clear", "accept_category", "reject_category")
_OF_CERTAINTY = ("next_uncertain", "previous_uncertain", "heat")
_OF_THRESHOLD = ("accept_above", "clear_below")


class ReviewBinding(QObject):
    """What is known of a proposal goes to canvas and panel; keys and buttons come back."""

    def __init__(
        self,
        window: MainWindow,
        editor: Editor,
        workspace: Workspace,
        proposing: Proposing,
        reviewing: Reviewing,
        view: ViewState,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._window = window
        self._editor = editor
        self._workspace = workspace
        self._reviewing = reviewing
        self._view = view
        self._shown: tuple[object, ...] = ()  # what the canvas was last told
        self._is_open = False  # something is proposed and not yet decided
        self._legend = HeatLegend(window.canvas)
        window.canvas.hovered.connect(reviewing.hover)
        proposing.merged.connect(reviewing.merged)
        workspace.image_opened.connect(lambda _: self._show())
        workspace.project_opened.connect(lambda _: self._show())
        reviewing.certainty_changed.connect(self._show)
        reviewing.threshold_changed.connect(self._show)
        reviewing.region_changed.connect(self._mark)
        reviewing.region_reached.connect(self._reach)
        reviewing.uncertain_found.connect(self._tell)
        reviewing.decided.connect(self._tell_decided)
        editor.category_changed.connect(self._offer_regions)
        reviewing.hint.connect(window.say_of_image)
        view.changed.connect(self._show)
        self._check = ProposalCheck(self)
        self._check.decided.connect(self._decided)
        editor.edited.connect(self._look_for_proposal)
        editor.document_changed.connect(self._look_for_proposal)
        window.proposal.confidence_chosen.connect(reviewing.set_confidence)
        window.categories.accept_requested.connect(reviewing.accept_category)
        window.categories.reject_requested.connect(reviewing.reject_category)
        verbs: dict[str, Callable[[], object]] = {
            "accept_region": reviewing.accept_region,
            "reject_region": reviewing.reject_region,
            "replace_region": reviewing.replace_region,
            "next_uncertain": lambda: reviewing.step(1),
            "previous_uncertain": lambda: reviewing.step(-1),
            "accept_category": lambda: reviewing.accept_category(editor.category_id),
            "reject_category": lambda: reviewing.reject_category(editor.category_id),
            "accept_above": reviewing.accept_above,
            "clear_below": reviewing.clear_below,
            "next_in_queue": reviewing.go_to_next_in_queue,
            "heat": lambda: view.toggle("heat"),
        }
        for key, verb in verbs.items():
            window.actions_table[key].triggered.connect(lambda _=False, verb=verb: verb())
        self._show()

    def retranslate(self) -> None:
        """Say it again in the language that is set now."""
        self._legend.retranslate()

    def _show(self) -> None:
        """On the canvas, and what can be done about it."""
        self._offer_regions()
        certainty, document = self._reviewing.certainty, self._editor.document
        look, threshold = self._view.look, self._reviewing.threshold
        heat = look.heat and not look.photograph
        shown = (document, certainty, heat, self._reviewing.confidence, self._editor.locked)
        if shown != self._shown:  # opacity and what is hidden are no matter of this
            self._shown = shown
            layer = None
            if document is not None and certainty is not None:
                layer = ReviewLayer(certainty, document.painted, heat, threshold)
            self._window.canvas.set_review(layer)
        self._window.actions_table["heat"].setChecked(look.heat)
        self._legend.setVisible(heat and certainty is not None)
        self._legend.move(_LEGEND_MARGIN, _LEGEND_MARGIN)
        self._window.proposal.show_confidence(self._reviewing.confidence)
        self._show_actions()

    def _offer_regions(self, *_: object) -> None:
        """Who looks at the heat looks for regions; who paints does not."""
        look, current = self._view.look, self._editor.category_id
        unseen = frozenset(i for i in range(256) if not self._view.shows(i, current))
        self._reviewing.offer(look.heat and not look.photograph, unseen)

    def _look_for_proposal(self, *_: object) -> None:
        self._check.start(self._editor.document)

    def _decided(self, is_open: bool) -> None:
        self._is_open = is_open
        self._show_actions()

    def _show_actions(self) -> None:
        actions = self._window.actions_table
        certainty, is_open = self._reviewing.certainty, self._is_open
        for key in (*_OF_REGION, *_OF_PROPOSAL):
            actions[key].setEnabled(is_open)
        for key in _OF_CERTAINTY:
            actions[key].setEnabled(certainty is not None)
        for key in _OF_THRESHOLD:
            actions[key].setEnabled(is_open and self._reviewing.threshold is not None)
        self._window.proposal.allow_threshold(certainty is not None)
        for key in ("next_in_queue", "sort_by_gain"):
            actions[key].setEnabled(self._workspace.store is not None)

    def _mark(self, region: tuple[Region, Mask] | None) -> None:
        self._window.canvas.mark_region(None if region is None else MarkedRegion(*region))

    def _reach(self, region: Region, found: UncertainRegion, uncertain: Uncertain) -> None:
        self._window.canvas.show_region(region)
        text = self.tr("{0}, confidence {1}\u00a0%. {2} {3}\u00a0% of the pixels are uncertain.")
        name, percent = self._name(found.category_id), round(100 * found.confidence)
        said = text.format(name, percent, self._left(uncertain), _percent(uncertain.share))
        self._window.say_of_image(f"{said}  {self._keys()}")

    def _tell_decided(self, key: str, category_id: int, uncertain: Uncertain) -> None:
        texts = {
            "accept_region": self.tr("{0} accepted here."),
            "reject_region": self.tr("{0} is background here now."),
            "replace_region": self.tr("{0} replaced here."),
            "accept_category": self.tr("{0} accepted in the whole image."),
            "reject_category": self.tr("{0} is background in the whole image now."),
        }
        said = texts[key].format(self._name(category_id))
        self._window.say_of_image(f"{said}  {self._left(uncertain)}")

    def _name(self, category_id: int) -> str:
        project = self._workspace.project
        return "" if project is None else project.categories.name_of(category_id)

    def _left(self, uncertain: Uncertain) -> str:
        return self.tr("Uncertain regions left: {0}.").format(len(uncertain.regions))

    def _keys(self) -> str:
        return self.tr("N next · A accept · Z reject")

    def _tell(self, uncertain: Uncertain) -> None:
        """Unless something else is being said of the image."""
        if uncertain.share >= _TOLD_FROM and self._window.image_banner.isHidden():
            self._window.say_of_image(self._summary(uncertain))

    def _summary(self, uncertain: Uncertain) -> str:
        text = self.tr("{0}\u00a0% of the pixels are uncertain.").format(_percent(uncertain.share))
        return f"{text}  {self._keys()}"


def _percent(share: float) -> str:
    percent = 100 * share
    return f"{percent:.0f}" if percent >= 1 else f"{percent:.1f}"
