// The icons of app/static/vendor/icons.svg, by their Bootstrap Icons names. Keep sorted.
export const ICONS = `
  archive arrow-clockwise arrow-counterclockwise arrow-left arrow-left-right arrow-repeat
  arrow-right award bank bar-chart basket bell
  bookmark box-arrow-in-down box-arrow-in-right box-arrow-right box-arrow-up broadcast
  building calculator calendar-check calendar-event calendar-month camera
  card-checklist card-list cash-coin chat-dots chat-left-text check-circle
  check-circle-fill check-lg check2-square chevron-down chevron-expand chevron-left
  chevron-right chevron-up circle clipboard-check clipboard-data clipboard2-pulse
  clock clock-history collection columns dash-circle diagram-3
  dice-5 download exclamation-circle exclamation-diamond exclamation-octagon exclamation-triangle
  eye eye-slash file-earmark-check file-earmark-spreadsheet file-earmark-text file-earmark-zip
  filter flag folder2-open fonts funnel gear
  geo-alt graph-up grid-3x3-gap hand-index-thumb hand-thumbs-up heart-pulse
  hourglass-split house house-heart inbox info-circle intersect
  journal-bookmark journal-check journal-text key link-45deg list
  list-check list-task lock megaphone mic mortarboard
  paperclip patch-check pause-circle pencil people people-fill
  person person-badge person-check person-plus person-x phone-vibrate
  pie-chart play-circle plus-lg printer qr-code question-circle
  robot scissors search send shield-check shield-exclamation
  shield-lock signpost-split slash-circle sliders star stop-circle
  table tags telephone telephone-forward telephone-inbound telephone-outbound
  telephone-x three-dots translate trash upload voicemail
  wallet2 wifi-off x-circle x-lg
`.trim().split(/\s+/);
