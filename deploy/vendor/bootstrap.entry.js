// Only the widgets the shell uses; tooltips, popovers and carousels are left out on purpose.
import Collapse from "bootstrap/js/dist/collapse";
import Dropdown from "bootstrap/js/dist/dropdown";
import Modal from "bootstrap/js/dist/modal";
import Offcanvas from "bootstrap/js/dist/offcanvas";
import Tab from "bootstrap/js/dist/tab";

window.bootstrap = { Collapse, Dropdown, Modal, Offcanvas, Tab };
