// The icons of app/static/vendor/icons.svg, by their Bootstrap Icons names. Keep sorted.
export const ICONS = `
archive arrow-clockwise arrow-counterclockwise arrow-left arrow-right bar-chart bell bookmark box-arrow-in-right
box-arrow-right building calendar-check calendar-event card-checklist chat-dots chat-left-text check-circle
check-circle-fill check-lg chevron-down chevron-expand chevron-left chevron-right chevron-up circle clipboard-check
clock clock-history dash-circle diagram-3 download exclamation-circle exclamation-octagon exclamation-triangle eye
eye-slash file-earmark-spreadsheet file-earmark-text filter flag folder2-open fonts funnel gear geo-alt
grid-3x3-gap hand-thumbs-up heart-pulse hourglass-split house house-heart inbox info-circle journal-text key list
list-check list-task lock megaphone mic pause-circle pencil people person person-badge person-check person-plus
person-x phone-vibrate pie-chart play-circle plus-lg printer question-circle robot search send shield-check
shield-lock slash-circle sliders star stop-circle table telephone telephone-forward telephone-inbound
telephone-outbound telephone-x three-dots translate trash upload voicemail wallet2 wifi-off x-circle x-lg
`.trim().split(/\s+/);
