// The rules of a place: on a phone its chapters come folded, but for the one the address names.
(() => {
  "use strict";
  const chapters = [...document.querySelectorAll("details.rules-card")];
  if (!chapters.length || !window.matchMedia("(max-width: 767px)").matches) return;
  const named = () => {
    const target = window.location.hash && document.getElementById(decodeURIComponent(window.location.hash.slice(1)));
    return target && target.closest("details.rules-card");
  };
  const wanted = named();
  chapters.forEach((chapter) => { chapter.open = chapter === wanted; });
  if (wanted) wanted.scrollIntoView();
  window.addEventListener("hashchange", () => { const chapter = named(); if (chapter) chapter.open = true; });
  window.addEventListener("beforeprint", () => chapters.forEach((chapter) => { chapter.open = true; }));
})();
