import clearButton from "tom-select/dist/esm/plugins/clear_button/plugin.js";
import removeButton from "tom-select/dist/esm/plugins/remove_button/plugin.js";
import TomSelect from "tom-select/dist/esm/tom-select.js";

TomSelect.define("clear_button", clearButton);
TomSelect.define("remove_button", removeButton);
window.TomSelect = TomSelect;
