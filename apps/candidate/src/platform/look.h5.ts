// Styles that only browsers need.
import './browser.css'
